import { startEngine } from '#engine/native/start.js';
import { languageModel } from './language-model-step.js';
import { shapes } from './shapes.js';
import { stepReport } from './training.js';
import { transformer } from './transformer.js';

/** One shape's training step in a process of its own: `engine-step.js NAME STEPS THREADS`; prints one JSON object. */

async function main(): Promise<void> {
  const [name, steps, threads] = process.argv.slice(2);
  const shape = shapes.find((s) => s.name === name);
  if (!shape) throw new Error(`no shape is called "${name}"`);
  await startEngine({ threads: Number(threads), device: 'cpu' });
  const start = shape.kind === 'language-model' ? languageModel(shape.shape) : await transformer(shape.shape);
  process.stdout.write(`${JSON.stringify(stepReport(start, Number(steps)))}\n`);
  process.exit(0);
}

void main();
