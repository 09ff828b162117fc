import { ExperimentEvent } from '#contracts/experiment.js';
import type { Database } from './database.js';
import { inParts } from './in-parts.js';
import { type NewEvent, tell } from './outbox.js';
import { deleteOldEvents } from './sql/delete-old-events.js';
import { selectEventsAfter } from './sql/events-after.js';
import { selectLiveEvents } from './sql/live-events.js';
import type { Tx } from './transition.js';
import { selectTrialStories } from './sql/trial-stories.js';
import { type TrialStory, why } from './why.js';

/** Events of an experiment and of all its trials with ids above `cursor`, oldest first. An id that is not
 *  there yet will be above every id that is: a cursor misses and repeats nothing. What its trials were when
 *  it was submitted is no event: that is its first snapshot. */
export async function eventsAfter(
  db: Database,
  experimentId: string,
  cursor: number,
  limit = 1000,
): Promise<ExperimentEvent[]> {
  const rows = await selectEventsAfter(db.pool, [experimentId, cursor, limit]);
  return rows.map((row) => ExperimentEvent.parse({ ...row.payload, id: row.id }));
}

export interface LiveAsked {
  experimentId: string;
  metricsOf: readonly string[]; // trials of the experiment
  after: number;
  upTo: number;
}

/** What became of an experiment and of each of its trials by the events above `after` and up to `upTo`: one
 *  state each. What happened in between is not told. Metrics of some trials come whole. */
export async function liveEvents(
  db: Database,
  { experimentId, metricsOf, after, upTo }: LiveAsked,
): Promise<ExperimentEvent[]> {
  const rows = await selectLiveEvents(db.pool, [experimentId, after, upTo, metricsOf]);
  return rows.map((row) => ExperimentEvent.parse({ ...row.payload, id: row.id }));
}

/** The newest event's id; 0 before the first. Read it before a snapshot, and the events after it complete the
 *  snapshot. */
export async function latestEventId(db: Database): Promise<number> {
  const { _max } = await db.prisma.event.aggregate({ _max: { id: true } });
  return Number(_max.id ?? 0);
}

const deletedAtOnce = 10_000;

/** Forgets metrics older than `days`, which their trials' curves keep, and states that a newer event of the
 *  same trial or experiment has replaced. Whoever comes with an older cursor still hears the newest state of
 *  everything that changed. Returns how many. */
export async function pruneEvents(db: Database, days: number): Promise<number> {
  for (let deleted = 0; ;) {
    const some = await deleteOldEvents(db.pool, [days, deletedAtOnce]);
    deleted += some;
    if (some < deletedAtOnce) return deleted;
  }
}

/** Tells what has become of these trials. */
export async function tellTrials(
  tx: Tx,
  trialIds: readonly string[],
  woken: readonly string[] = [],
): Promise<void> {
  await inParts(trialIds, async (some) => tellStories(tx, await selectTrialStories(tx, [some]), woken));
}

/** Tells of trials whose stories are known. */
export function tellStories(tx: Tx, stories: readonly TrialStory[], woken: readonly string[] = []): void {
  const events = stories.map((s): NewEvent => {
    const payload = { type: 'trial' as const, trialId: s.trialId, state: s.state, step: s.step, why: why(s) };
    return { experimentId: null, trialId: s.trialId, payload };
  });
  tell(tx, events, woken);
}

/** The story of a trial that was dispatched, was claimed or has succeeded just now. */
export function freshStory(
  trial: Pick<TrialStory, 'trialId' | 'state' | 'step' | 'steps'> & { worker?: string },
): TrialStory {
  const { trialId, state, step, steps, worker = null } = trial;
  return {
    trialId,
    state,
    step,
    steps,
    worker,
    cause: null,
    message: null,
    note: null,
    cancelRequested: false,
    awaited: null,
  };
}
