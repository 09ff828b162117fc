import type { TrialJob } from '#contracts/queue.js';
import type { Database } from './database.js';
import { freshStory, tellStories } from './events.js';
import { chooseMates } from './sql/choose-mates.js';
import { claim, type Claimed } from './sql/claim.js';
import { renewLeases } from './sql/renew-leases.js';
import { rowsOf } from './statement.js';
import { together } from './together.js';
import { transition, transitionTogether } from './transition.js';
import { aliveSeconds } from './workers.js';

export type { StoredFolder } from './sql/claim.js';

/** A trial that is this worker's for as long as it renews the lease of the attempt. */
export type ClaimedTrial = Omit<Claimed, 'place' | 'worker' | 'step'>;

interface Claim {
  job: TrialJob;
  worker: string;
  seconds: number;
}

const claimTogether = transitionTogether<Claim, ClaimedTrial[]>(async (tx, claims) => {
  const asked = claims.flatMap(({ job, worker, seconds }, of) =>
    job.attempts.map((a) => ({ ...a, worker, seconds, of })),
  );
  const claimed = await claim(tx, [rowsOf(asked.map((attempt, place) => ({ ...attempt, place })))]);
  tellStories(
    tx,
    claimed.map((trial) => freshStory({ ...trial, state: 'running' })),
  );
  const ofEach = claims.map((): ClaimedTrial[] => []);
  for (const { place, ...trial } of claimed) ofEach[asked[place]!.of]!.push(trial);
  return ofEach;
});

/** Takes the attempts of a job for a worker, with a lease by database time. Those that are stale, cancelled
 *  or taken are left out: an empty array means that the bell rang for nothing. */
export function claimAttempts(
  db: Database,
  job: TrialJob,
  worker: string,
  leaseSeconds: number,
): Promise<ClaimedTrial[]> {
  return claimTogether(db, { job, worker, seconds: leaseSeconds });
}

export interface Mates {
  sizes: readonly number[]; // of the gangs that may be, in members
  mayDiffer: readonly string[]; // knobs of the method
}

/** Takes ready trials that can share the steps of an attempt that this worker holds, without padding: as many
 *  as make the largest of the sizes. They are of the same experiment, and the worker's share of those that
 *  wait. An empty array where there are none, or too few. */
export function joinMates(
  db: Database,
  attemptId: string,
  { sizes, mayDiffer }: Mates,
  { worker, seconds }: Omit<Claim, 'job'>,
): Promise<ClaimedTrial[]> {
  return transition(db, async (tx) => {
    const mates = await chooseMates(tx, [attemptId, sizes, mayDiffer, aliveSeconds]);
    if (mates.length === 0) return [];
    const asked = mates.map((mate, place) => ({ ...mate, place, worker, seconds }));
    const claimed = await claim(tx, [rowsOf(asked)]);
    tellStories(
      tx,
      claimed.map((trial) => freshStory({ ...trial, state: 'running' })),
    );
    return claimed;
  });
}

interface Renewal {
  attemptIds: readonly string[];
  seconds: number;
}

interface Renewed {
  lost: string[];
  cancelled: string[];
}

const renewTogether = together<Renewal, Renewed>(async (db, renewals) => {
  const ids = renewals.flatMap(({ attemptIds }) => attemptIds);
  const seconds = renewals.flatMap((renewal) => renewal.attemptIds.map(() => renewal.seconds));
  const rows = await renewLeases(db.pool, [ids, seconds]);
  const held = new Map(rows.map((row) => [row.id, row.cancelRequested]));
  return renewals.map(({ attemptIds }) => ({
    lost: attemptIds.filter((id) => !held.has(id)),
    cancelled: attemptIds.filter((id) => held.get(id)),
  }));
});

/** Prolongs the leases of running attempts. `lost`: no longer the caller's, whatever it does is refused;
 *  `cancelled`: to be stopped. */
export function renewLease(
  db: Database,
  attemptIds: readonly string[],
  leaseSeconds: number,
): Promise<Renewed> {
  return renewTogether(db, { attemptIds, seconds: leaseSeconds });
}
