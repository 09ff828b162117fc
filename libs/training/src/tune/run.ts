import type { TrainEvent, Verdict } from '#contracts/trainer-messages.js';
import type { Parameters } from '#methods/method.js';
import type { Model } from '#models/model.js';
import type { Answerer } from '../rows/answer-examples.js';
import type { SaidOf } from '../rows/answer-examples.js';
import type { TuneMember } from './member.js';
import type { DataOrder } from './data-order.js';
import type { Gang } from '../gang/gang.js';
import type { Contents } from '../local-inputs.js';
import type { Phases } from './phases.js';
import type { Pace } from './pace.js';
import { TrainingAborted, type TrainSignal } from '../signals.js';
import type { Stopwatch } from './stopwatch.js';
import type { TuneRecord } from './record.js';
import type { EncodedTask } from '../rows/warm-task.js';

/** What one member said of a split, and how well by the metrics that this tells. */
export interface Evaluated extends SaidOf {
  scores: Record<string, number>;
  whole: boolean; // every metric is there
}

export const progressEvery = 400; // milliseconds

/** A gang in training: what its steps change, and what its parts (evaluation, checkpoints, results) need of
 *  each other. */
export interface Run {
  members: readonly TuneMember[];
  inputs: (string[] | undefined)[]; // of each member: hashes of what it has read, where they were asked for
  contents: Contents;
  signal: TrainSignal;
  model: Model;
  task: EncodedTask;
  gang: Gang;
  answerer: Answerer;
  orders: DataOrder[];
  records: TuneRecord[];
  best: (Parameters | undefined)[]; // of each member, by validation
  /** What each member said of the validation examples when it was best; undefined where that was before a
   *  resume. */
  validated: (Evaluated | undefined)[];
  verdicts: (Verdict | undefined)[];
  resumeEvery: number; // seconds
  watch: Stopwatch;
  pace: Pace;
  phases: Phases;
  savedAt: number; // when the last resume states were written
  told: number; // when progress was last reported
}

/** Cancelled members get their verdict; throws TrainingAborted where all is to stop. */
export function heed({ signal, members, verdicts }: Run): void {
  if (signal.aborted) throw new TrainingAborted();
  for (const [m, { attemptId }] of members.entries())
    if (!verdicts[m] && signal.cancelled(attemptId)) verdicts[m] = { verdict: 'cancelled', attemptId };
}

/** Members that are still being trained. */
export function active({ members, verdicts, records }: Run): number[] {
  return members.map((_, m) => m).filter((m) => !verdicts[m] && !records[m]!.stopped);
}

/** Does long work piece by piece, reporting, hearing messages and heeding the signal between the pieces. */
export async function* heard<R>(
  run: Run,
  work: AsyncGenerator<void, R>,
  what: string,
): AsyncGenerator<TrainEvent, R> {
  for (;;) {
    const piece = await work.next();
    if (piece.done) return piece.value;
    try {
      heed(run);
    } catch (error) {
      await work.return(undefined as never); // frees what the work holds
      throw error;
    }
    yield* progress(run, what);
    await run.pace.rest();
  }
}

export function* progress(run: Run, what: string): Generator<TrainEvent> {
  if (performance.now() - run.told < progressEvery) return;
  run.told = performance.now();
  for (const [m, member] of run.members.entries())
    if (!run.verdicts[m]) yield note(member, run.records[m]!.step, what);
}

/** What comes takes longer than a step, by a measure that nobody has taken yet. */
export function announce(
  members: readonly TuneMember[],
  stepOf: (m: number) => number,
  text: string,
): TrainEvent[] {
  return members.map((member, m) => ({ ...note(member, stepOf(m), text), loading: true as const }));
}

/** The same in the middle of a run, for the members that have no verdict. */
export function announceIn({ members, records, verdicts }: Run, text: string): TrainEvent[] {
  return announce(members, (m) => records[m]!.step, text).filter((_, m) => !verdicts[m]);
}

export function note({ attemptId, config }: TuneMember, step: number, text: string) {
  return { type: 'progress' as const, attemptId, step, steps: config.training.steps, note: text };
}
