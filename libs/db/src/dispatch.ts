import type { TrialJob } from '#contracts/queue.js';
import type { Database } from './database.js';
import { freshStory, tellStories, tellTrials } from './events.js';
import { chooseNext } from './sql/choose-next.js';
import { markAttemptsRung } from './sql/mark-rung.js';
import { anyStranded, takeBackStranded } from './sql/stranded.js';
import { unrungAttempts } from './sql/unrung-attempts.js';
import { only } from './statement.js';
import { transition } from './transition.js';
import { commonQueue } from './worker-queue.js';

export interface DispatchOptions {
  slots: number; // jobs to hand out at most
  labels?: readonly string[]; // of the workers that are to train them; none
  queue?: string; // that these workers hear
}

/** Chooses what runs next, a trial for each of `slots` jobs at most, and gives it a new attempt with a higher
 *  fence. Order: priority; among equals the owner with the fewest trials under way; then the older experiment
 *  and its own order of dispatch. Call it from any number of processes. */
export async function dispatchReady(
  db: Database,
  { slots, labels = [], queue = commonQueue }: DispatchOptions,
): Promise<TrialJob[]> {
  if (slots < 1) return [];
  return transition(db, async (tx) => {
    const chosen = await chooseNext(tx, [slots, labels, queue]);
    tellStories(
      tx,
      chosen.map((trial) => freshStory({ ...trial, state: 'dispatched' })),
    );
    return jobsOf(chosen);
  });
}

/** Jobs that are not in the queue for all we know: never rung, or rung more than `seconds` ago and still not
 *  claimed by anybody. */
export async function unrung(db: Database, seconds = 30): Promise<{ queue: string; jobs: TrialJob[] }[]> {
  const rows = await unrungAttempts(db.pool, [seconds]);
  const queues = [...new Set(rows.map(({ queue }) => queue))];
  return queues.map((queue) => ({ queue, jobs: jobsOf(rows.filter((row) => row.queue === queue)) }));
}

/** Makes trials ready again that were handed to workers of whose kind none is left, while there are others.
 *  Returns the trials' ids. */
export async function recallStranded(db: Database): Promise<string[]> {
  if (!only(await anyStranded(db.pool, [])).any) return [];
  return transition(db, async (tx) => {
    const trials = (await takeBackStranded(tx, [])).map(({ id }) => id);
    await tellTrials(tx, trials);
    return trials;
  });
}

/** To be called after the queue has taken the jobs: a process that dies in between rings twice, never not at
 *  all. */
export async function markRung(db: Database, jobs: readonly TrialJob[]): Promise<void> {
  await markAttemptsRung(db.pool, [jobs.flatMap((job) => job.attempts.map((a) => a.id))]);
}

/** Rows of one job become its attempts, jobs in the order of their first row. */
function jobsOf(rows: readonly { id: string; jobId: string; fence: number }[]): TrialJob[] {
  const jobs = new Map<string, TrialJob>();
  for (const { id, jobId, fence } of rows) {
    const job = jobs.get(jobId) ?? { attempts: [] };
    job.attempts.push({ id, fence });
    jobs.set(jobId, job);
  }
  return [...jobs.values()];
}
