import type { z } from 'zod';
import type { StoryRow } from './sql/story-row.js';

/** What is needed to say in one sentence why a trial is as it is. */
export type TrialStory = z.infer<typeof StoryRow>;

type Awaited = NonNullable<TrialStory['awaited']>;

/** Where the trial stands beside its own row: known to views, not to events. */
export interface Surroundings {
  ahead?: number; // trials that are dispatched before it
  paused?: boolean;
  reused?: boolean; // it was there before the experiment that asks
  workers?: number; // alive and sound
  fault?: string | null; // of an alive worker's machine
  lacking?: string | null; // labels that it requires, with commas, where no worker has them all
}

/** One honest sentence. */
export function why(
  trial: TrialStory,
  { ahead, paused, reused, workers, fault, lacking }: Surroundings = {},
): string {
  const place = trial.steps === 0 ? null : `step ${trial.step} of ${trial.steps}`; // null: it trains nothing
  const at = place ? ` at ${place}` : '';
  const before = reused ? 'reused: ' : '';
  switch (trial.state) {
    case 'blocked':
      return trial.awaited ? waiting(trial.awaited) : 'waits for its checkpoints to be looked at';
    case 'ready':
      return [
        queued(ahead, paused),
        ...(workers === 0 ? [fault ? `no worker takes work: ${fault}` : 'no worker is connected'] : []),
        ...(workers !== 0 && lacking ? [`no worker has the labels that it requires: ${lacking}`] : []),
        ...(trial.message ? [trial.message] : []),
      ].join('; ');
    case 'dispatched':
      return workers === 0 && fault
        ? `handed to the queue, and no worker takes work: ${fault}`
        : 'handed to the queue, waits for a worker to take it';
    case 'running':
      if (trial.cancelRequested) return `is being stopped${at}`;
      return `${trial.worker ? `worker ${trial.worker}` : 'running'}: ${[place, trial.note].filter(Boolean).join(', ') || 'begun'}`;
    case 'succeeded':
      return `${before}${trial.steps === 0 ? 'finished' : `finished after ${trial.steps} steps`}`;
    case 'failed':
      return `${before}${trial.cause ?? 'error'}: ${trial.message ?? 'no message'}`;
    case 'cancelled':
      return `${before}cancelled${at}`;
    case 'pruned':
      return `${before}stopped early${at}${trial.message ? `: ${trial.message}` : ''}`;
    default:
      return trial.state satisfies never;
  }
}

function waiting({ trialId, stage, state, wanted, step, steps }: Awaited): string {
  const noun = { adapt: 'adaptation', pretrain: 'pretraining', tune: 'tuning', evaluate: 'evaluation' }[
    stage
  ];
  const there = state === 'running' ? `at step ${step} of ${steps}` : `which is ${state}`;
  return `waits for step ${wanted} of ${noun} ${trialId.slice(0, 8)}… (${there})`;
}

function queued(ahead: number | undefined, paused: boolean | undefined): string {
  if (paused) return 'paused with its experiment';
  if (ahead === undefined) return 'queued';
  return ahead === 0 ? 'first in the queue' : `queued behind ${ahead} ${ahead === 1 ? 'trial' : 'trials'}`;
}
