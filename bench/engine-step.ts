import { matmulPeak } from '#engine/peak.js';
import { startEngine } from '#engine/start.js';
import { languageModel } from './language-model-step.js';
import { shapes } from './shapes.js';
import { transformer } from './transformer.js';

/** One shape's training step in a process of its own: `engine-step.js NAME STEPS THREADS [MEMBERS]`; prints one JSON object. */

/** A training run from its start. */
export interface Training {
  /** One step, counted from 1: the loss, which is read after every step; the peers' is not. */
  step(n: number): number;
  dispose(): void;
}

const eagerSteps = 4;
const warmUp = 3; // not counted: tracing, compiling, first touch of memory

async function main(): Promise<void> {
  const [name, steps, threads, members = '1'] = process.argv.slice(2);
  const shape = shapes.find((s) => s.name === name);
  if (!shape) throw new Error(`no shape is called "${name}"`);
  await startEngine({ threads: Number(threads), device: 'cpu' });
  const start = shape.kind === 'language-model' ? languageModel(shape.shape) : await transformer(shape.shape, Number(members));
  const compiled = trained(start(), warmUp + Number(steps));
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  process.env['PEFTGRID_STEP'] = 'eager';
  const eager = trained(start(), eagerSteps);
  const gaps = eager.losses.map((loss, i) => Math.abs(loss - compiled.losses[i]!) / Math.abs(loss));
  const report = {
    ms: compiled.ms.slice(warmUp),
    firstMs: compiled.ms[0],
    lossGap: Math.max(...gaps),
    peakBytes,
    peakGflops: matmulPeak(),
  };
  process.stdout.write(`${JSON.stringify(report)}\n`);
  process.exit(0);
}

function trained(training: Training, steps: number): { losses: number[]; ms: number[] } {
  const losses: number[] = [];
  const ms: number[] = [];
  for (let n = 1; n <= steps; n++) {
    const start = performance.now();
    losses.push(training.step(n));
    ms.push(performance.now() - start);
  }
  training.dispose();
  return { losses, ms };
}

void main();
