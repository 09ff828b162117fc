import type { Precision } from '#contracts/precision.js';
import { matmulPeak } from '#engine/peak.js';

/** A training run from its start. */
export interface Training {
  /** One step, counted from 1: the loss, which is read after every step; the peers' is not. */
  step(n: number): number;
  dispose(): void;
}

/** What a process reports of the step that it timed. */
export interface StepReport {
  ms: number[];
  firstLoss: number;
  // tracing, compiling, and measuring which of XLA and TensorFlow's own kernels is faster, where that is not
  // yet known
  firstMs: number;
  // largest relative difference between the compiled and the eager losses of the first steps; NaN: not
  // computed
  lossGap: number;
  peakBytes: number; // resident memory before the eager steps
  peakGflops: number; // of a matrix product in the step's precision, measured in the same process
}

const eagerSteps = 4;
const warmUp = 3; // not counted: tracing, compiling, first touch of memory

/** Times `steps` steps behind a warm-up, and holds the first to the same steps run op by op where that is
 *  asked. */
export function stepReport(
  start: () => Training,
  steps: number,
  { eager = true, precision = 'float32' as Precision } = {},
): StepReport {
  const compiled = trained(start(), warmUp + steps);
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  return {
    ms: compiled.ms.slice(warmUp),
    firstLoss: compiled.losses[0]!,
    firstMs: compiled.ms[0]!,
    lossGap: eager ? lossGap(start, compiled.losses) : Number.NaN,
    peakBytes,
    peakGflops: matmulPeak(precision),
  };
}

function lossGap(start: () => Training, compiled: readonly number[]): number {
  const before = process.env['PEFTGRID_STEP'];
  process.env['PEFTGRID_STEP'] = 'eager';
  const eager = trained(start(), eagerSteps).losses;
  if (before === undefined) delete process.env['PEFTGRID_STEP'];
  else process.env['PEFTGRID_STEP'] = before;
  return Math.max(...eager.map((loss, i) => Math.abs(loss - compiled[i]!) / Math.abs(loss)));
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
