import type { TrialConfig, TrialState } from '#contracts/trial.js';
import { awaited } from './sql/awaited.js';
import type { Tx } from './transition.js';

/** What is needed to say in one sentence why a trial is as it is. */
export interface TrialStory {
  trialId: string;
  state: TrialState;
  step: number;
  steps: number;
  cause: string | null;
  message: string | null;
  note: string | null;
  cancelRequested: boolean;
  worker: string | null; // of the attempt that runs
  awaited: Awaited | null; // the first checkpoint that is not there yet
}

interface Awaited {
  trialId: string;
  stage: TrialConfig['stage'];
  state: TrialState;
  wanted: number; // step
  step: number;
  steps: number;
}

/** Columns of a TrialStory for trials `t`; `storyJoins` must follow in the FROM clause. */
export const storyColumns = `t.id "trialId", t.state, t.step, t.steps, t.cause, t.message, t.note, t."cancelRequested", a.worker, w.awaited`;
export const storyJoins = `
  left join "Attempt" a on a."trialId" = t.id and a.state = 'running'
  left join lateral (
    select json_build_object('trialId', p.id, 'stage', p.stage, 'state', p.state, 'wanted', d.step, 'step', p.step, 'steps', p.steps) awaited
    from "Dependency" d join "Trial" p on p.id = d."dependsOnId"
    where d."trialId" = t.id and not exists (select from "Checkpoint" c where ${awaited})
    order by d.step limit 1) w on t.state = 'blocked'`;

export async function trialStories(tx: Tx, trialIds: readonly string[]): Promise<TrialStory[]> {
  const { rows } = await tx.query<TrialStory>(
    `select ${storyColumns} from unnest($1::uuid[]) with ordinality u(id, n) join "Trial" t on t.id = u.id ${storyJoins} order by n`,
    [trialIds],
  );
  return rows;
}

/** Where the trial stands beside its own row: known to views, not to events. */
export interface Surroundings {
  ahead?: number; // trials that are dispatched before it
  paused?: boolean;
  reused?: boolean; // it was there before the experiment that asks
  workers?: number; // alive and sound
  fault?: string | null; // of an alive worker's machine
}

/** One honest sentence. */
export function why(trial: TrialStory, { ahead, paused, reused, workers, fault }: Surroundings = {}): string {
  const at = `step ${trial.step} of ${trial.steps}`;
  const before = reused ? 'reused: ' : '';
  switch (trial.state) {
    case 'blocked':
      return trial.awaited ? waiting(trial.awaited) : 'waits for its checkpoints to be looked at';
    case 'ready':
      return [
        queued(ahead, paused),
        ...(workers === 0 ? [fault ? `no worker takes work: ${fault}` : 'no worker is connected'] : []),
        ...(trial.message ? [trial.message] : []),
      ].join('; ');
    case 'dispatched':
      return workers === 0 && fault
        ? `handed to the queue, and no worker takes work: ${fault}`
        : 'handed to the queue, waits for a worker to take it';
    case 'running':
      if (trial.cancelRequested) return `is being stopped at ${at}`;
      return `${trial.worker ? `worker ${trial.worker}` : 'running'}: ${at}${trial.note ? `, ${trial.note}` : ''}`;
    case 'succeeded':
      return `${before}finished after ${trial.steps} steps`;
    case 'failed':
      return `${before}${trial.cause ?? 'error'}: ${trial.message ?? 'no message'}`;
    case 'cancelled':
      return `${before}cancelled at ${at}`;
    case 'pruned':
      return `${before}stopped early at ${at}${trial.message ? `: ${trial.message}` : ''}`;
    default:
      return trial.state satisfies never;
  }
}

function waiting({ trialId, stage, state, wanted, step, steps }: Awaited): string {
  const noun = { adapt: 'adaptation', pretrain: 'pretraining', tune: 'tuning' }[stage];
  const there = state === 'running' ? `at step ${step} of ${steps}` : `which is ${state}`;
  return `waits for step ${wanted} of ${noun} ${trialId.slice(0, 8)}… (${there})`;
}

function queued(ahead: number | undefined, paused: boolean | undefined): string {
  if (paused) return 'paused with its experiment';
  if (ahead === undefined) return 'queued';
  return ahead === 0 ? 'first in the queue' : `queued behind ${ahead} ${ahead === 1 ? 'trial' : 'trials'}`;
}
