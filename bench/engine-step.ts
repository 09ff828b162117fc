import { startEngine } from '#engine/native/start.js';
import { precisionOf } from './in-precision.js';
import { languageModel } from './language-model-step.js';
import { shapes } from './shapes.js';
import { stepReport } from './training.js';
import { transformer } from './transformer.js';

/** One shape's training step in a process of its own: `engine-step.js NAME STEPS THREADS PRECISION`; prints
 *  one JSON object. */

async function main(): Promise<void> {
  const [name, steps, threads, asked = 'float32'] = process.argv.slice(2);
  const precision = precisionOf(asked);
  const shape = shapes.find((s) => s.name === name);
  if (!shape) throw new Error(`no shape is called "${name}"`);
  await startEngine({ threads: Number(threads), device: 'cpu' });
  const start =
    shape.kind === 'language-model'
      ? languageModel(shape.shape, precision)
      : await transformer(shape.shape, precision);
  process.stdout.write(`${JSON.stringify(stepReport(start, Number(steps), { precision }))}\n`);
  process.exit(0);
}

void main();
