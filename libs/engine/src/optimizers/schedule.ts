import type { Optimizer, Schedule } from '#contracts/optimizer.js';

/** Learning rate of a step counted from 1: linear from 0 over the warm-up, then constant, or to 0 at `steps`
 *  by a line or a half cosine. */
export function learningRateAt(
  optimizer: Optimizer,
  schedule: Schedule,
  step: number,
  steps: number,
): number {
  const base = optimizer.learningRate;
  if (step <= schedule.warmup) return (base * step) / schedule.warmup;
  const done = (step - schedule.warmup) / Math.max(1, steps - schedule.warmup);
  switch (schedule.name) {
    case 'constant':
      return base;
    case 'linear':
      return base * Math.max(0, 1 - done);
    case 'cosine':
      return base * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, done)));
    default:
      return schedule.name satisfies never;
  }
}
