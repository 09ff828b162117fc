import type { CellView } from '#contracts/experiment.js';
import type { TrialNews } from '../live/apply-news.js';
import { pointText } from '../point-text.js';

export interface RunningTrial {
  trialId: string;
  label: string;
  why: string;
  step: number;
  steps: number | null; // null: not a cell's trial, its length is not known here
  stepMs: number | null;
}

/** Each running trial once; those that cells wait for (pretraining, adaptation) first. */
export function runningOf(
  cells: readonly CellView[],
  others: ReadonlyMap<string, TrialNews>,
): RunningTrial[] {
  const running = new Map<string, RunningTrial>();
  for (const { trialId, why, step, state } of others.values()) {
    if (state === 'running')
      running.set(trialId, {
        trialId,
        label: `needed by others: ${trialId.slice(0, 8)}…`,
        why,
        step,
        steps: null,
        stepMs: null,
      });
  }
  for (const cell of cells) {
    const { trialId, why, step, steps, stepMs, state } = cell;
    if (state === 'running' && !running.has(trialId))
      running.set(trialId, { trialId, label: pointText(cell), why, step, steps, stepMs });
  }
  return [...running.values()];
}
