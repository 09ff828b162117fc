import type { CheckpointView } from '#contracts/experiment.js';
import type { TrialInput } from '#contracts/input.js';
import type { TrialJob } from '#contracts/queue.js';
import type { Metric, Summary, Verdict } from '#contracts/trainer-messages.js';
import { type FailureCause, TrialConfig } from '#contracts/trial.js';
import type { Database } from './database.js';
import { awaited } from './awaited.js';
import { tell, tellTrials } from './events.js';
import { returnAttempts } from './return-attempts.js';
import { settle } from './settle.js';
import { transition, type Tx } from './transition.js';

/** A folder in the artifact store. */
export type StoredFolder = Pick<CheckpointView, 'step' | 'hash' | 'files'>;

export interface ClaimedTrial {
  attemptId: string;
  fence: number;
  trialId: string;
  key: string;
  config: TrialConfig;
  inputs: TrialInput[] | null; // null: it was submitted before they were known by content
  steps: number;
  resume: StoredFolder[]; // resume checkpoints, the newest first; the next is for where the first is damaged
  backbone: StoredFolder | null; // another trial's checkpoint that this one starts from
  source: StoredFolder | null; // what another trial of the method ended with, where it starts from that
}

/** The attempt is the newest of its trial and runs: the fence on every write. Attempts `a` of trials `t`. */
const current = `a."trialId" = t.id and a.fence = t.fence and a.state = 'running' and t.state = 'running'`;
const mostCrashes = 3;
const startsFrom = (kind: 'backbone' | 'adapter'): string => `(
  select json_build_object('step', c.step, 'hash', c.hash, 'files', c.files) from "Dependency" d join "Checkpoint" c on ${awaited}
  where d."trialId" = t.id and d.kind = '${kind}' order by c."createdAt" desc limit 1)`;

/** Takes the attempts of a job for a worker, with a lease by database time. Those that are stale, cancelled or taken are left out: an
 *  empty array means that the bell rang for nothing. */
export async function claimAttempts(db: Database, job: TrialJob, worker: string, leaseSeconds: number): Promise<ClaimedTrial[]> {
  return transition(db, async (tx) => {
    const { rows } = await tx.query<Omit<ClaimedTrial, 'config'> & { config: unknown }>(
      `with taken as (
         update "Attempt" a set state = 'running', worker = $3, "startedAt" = now(), "leaseUntil" = now() + $4 * interval '1 second'
         from unnest($1::uuid[], $2::int[]) with ordinality j(id, fence, place), "Trial" t
         where a.id = j.id and a.fence = j.fence and a.state = 'dispatched' and t.id = a."trialId" and t.fence = a.fence and t.state = 'dispatched'
         returning a.id, a."trialId", a.fence, j.place),
       running as (update "Trial" t set state = 'running', note = null from taken where t.id = taken."trialId" returning t.*)
       select taken.id "attemptId", taken.fence, t.id "trialId", t.key, t.config, t.inputs, t.steps,
         (select coalesce(json_agg(json_build_object('step', c.step, 'hash', c.hash, 'files', c.files) order by c.step desc), '[]')
          from "Checkpoint" c where c."trialId" = t.id and c.kind = 'resume') resume,
         ${startsFrom('backbone')} backbone, ${startsFrom('adapter')} source
       from taken join running t on t.id = taken."trialId" order by taken.place`,
      [job.attempts.map((a) => a.id), job.attempts.map((a) => a.fence), worker, leaseSeconds],
    );
    await tellTrials(tx, rows.map((row) => row.trialId)); // prettier-ignore
    return rows.map((row) => ({ ...row, config: TrialConfig.parse(row.config) }));
  });
}

/** Prolongs the leases of running attempts. `lost`: no longer the caller's, whatever it does is refused; `cancelled`: to be stopped. */
export async function renewLease(
  db: Database,
  attemptIds: readonly string[],
  leaseSeconds: number,
): Promise<{ lost: string[]; cancelled: string[] }> {
  const { rows } = await db.pool.query<{ id: string; cancelRequested: boolean }>(
    `update "Attempt" a set "leaseUntil" = now() + $2 * interval '1 second' from "Trial" t where a.id = any($1) and ${current}
     returning a.id, t."cancelRequested"`,
    [attemptIds, leaseSeconds],
  );
  const held = new Set(rows.map((row) => row.id));
  return { lost: attemptIds.filter((id) => !held.has(id)), cancelled: rows.filter((r) => r.cancelRequested).map((r) => r.id) };
}

export interface Progress {
  attemptId: string;
  step: number;
  note: string; // what the trainer is doing
  stepMs: number | null; // median of a step so far; null: not measured yet
}

/** Where the attempts are. Returns the ids that were refused: lost. */
export async function recordProgress(db: Database, progress: readonly Progress[]): Promise<string[]> {
  return transition(db, async (tx) => {
    const { rows } = await tx.query<{ attemptId: string; trialId: string }>(
      `update "Trial" t set step = p.step, note = nullif(p.note, ''), "stepMs" = coalesce(p.ms, t."stepMs")
       from unnest($1::uuid[], $2::int[], $3::text[], $4::float8[]) p(id, step, note, ms), "Attempt" a where a.id = p.id and ${current}
       returning a.id "attemptId", t.id "trialId"`,
      [progress.map((p) => p.attemptId), progress.map((p) => p.step), progress.map((p) => p.note), progress.map((p) => p.stepMs)],
    );
    await tellTrials(tx, rows.map((row) => row.trialId)); // prettier-ignore
    return refused(progress, rows);
  });
}

const refused = (asked: readonly { attemptId: string }[], done: readonly { attemptId: string }[]): string[] => {
  const accepted = new Set(done.map((row) => row.attemptId));
  return [...new Set(asked.map((a) => a.attemptId))].filter((id) => !accepted.has(id));
};

/** Stores measured numbers; the same (trial, name, split, step) again replaces the value, so that a batch may be sent twice. Numbers that
 *  are not finite are dropped: a verdict says what they mean. Returns the ids that were refused: lost. */
export async function ingestMetrics(
  db: Database,
  batches: readonly { attemptId: string; metrics: Metric[] }[],
): Promise<string[]> {
  return transition(db, async (tx) => {
    const { rows } = await tx.query<{ attemptId: string; trialId: string }>(
      `select a.id "attemptId", t.id "trialId" from "Attempt" a, "Trial" t where a.id = any($1) and ${current}`,
      [batches.map((b) => b.attemptId)],
    );
    const trialOf = new Map(rows.map((row) => [row.attemptId, row.trialId]));
    const accepted = batches.flatMap(({ attemptId, metrics }) => {
      const trialId = trialOf.get(attemptId);
      const finite = metrics.filter((m) => Number.isFinite(m.value));
      return trialId && finite.length ? [{ trialId, metrics: finite }] : [];
    });
    await upsertMetrics(tx, accepted);
    await tell(tx, accepted.map(({ trialId, metrics }) => ({ experimentId: null, trialId, payload: { type: 'metrics', trialId, metrics } }))); // prettier-ignore
    return refused(batches, rows);
  });
}

async function upsertMetrics(tx: Tx, batches: { trialId: string; metrics: Metric[] }[]): Promise<void> {
  // One statement may not touch a row twice: the last value of a batch counts.
  const rows = new Map(batches.flatMap(({ trialId, metrics }) => metrics.map((m) => [`${trialId} ${m.split} ${m.step} ${m.name}`, { trialId, ...m }]))); // prettier-ignore
  const list = [...rows.values()];
  await tx.query(
    `insert into "Metric" ("trialId", name, split, step, value) select * from unnest($1::uuid[], $2::text[], $3::text[], $4::int[], $5::float8[])
     on conflict ("trialId", name, split, step) do update set value = excluded.value`,
    [
      list.map((m) => m.trialId),
      list.map((m) => m.name),
      list.map((m) => m.split),
      list.map((m) => m.step),
      list.map((m) => m.value),
    ],
  );
}

export interface NewCheckpoint extends CheckpointView {
  attemptId: string;
}

/** Makes a stored folder a checkpoint of the attempt's trial. A backbone checkpoint releases those that wait for its step at once; of
 *  resume states the newest two are kept. False: the attempt is lost and nothing was changed. */
export async function recordCheckpoint(
  db: Database,
  { attemptId, kind, step, hash, bytes, files }: NewCheckpoint,
): Promise<boolean> {
  return transition(db, async (tx) => {
    const { rows } = await tx.query<{ trialId: string }>(
      `insert into "Checkpoint" (id, "trialId", kind, step, fence, hash, bytes, files)
       select gen_random_uuid(), t.id, $2, $3, a.fence, $4, $5, $6 from "Attempt" a, "Trial" t where a.id = $1 and ${current}
       on conflict ("trialId", kind, step) do update
         set fence = excluded.fence, hash = excluded.hash, bytes = excluded.bytes, files = excluded.files, "createdAt" = now()
       returning "trialId"`,
      [attemptId, kind, step, hash, bytes, JSON.stringify(files)],
    );
    const trialId = rows[0]?.trialId;
    if (!trialId) return false;
    await tx.query('update "Trial" set losses = 0 where id = $1', [trialId]);
    if (kind === 'resume') await keepNewestResumes(tx, trialId);
    if (kind === 'backbone') await settle(tx, [trialId]);
    return true;
  });
}

async function keepNewestResumes(tx: Tx, trialId: string): Promise<void> {
  await tx.query(
    `delete from "Checkpoint" where "trialId" = $1 and kind = 'resume' and step not in (
       select step from "Checkpoint" where "trialId" = $1 and kind = 'resume' order by step desc limit 2)`,
    [trialId],
  );
}

/** Ends attempts as their trainer said. Diverged and invalid are final; a crash (error, oom, killed, timeout) is tried again until the third. A
 *  trial that was stopped without anybody having asked for it any more goes back to the queue. Returns the ids that were refused: lost,
 *  or finished before. */
export async function finishAttempts(db: Database, verdicts: readonly Verdict[]): Promise<string[]> {
  return transition(db, async (tx) => {
    const finished: { attemptId: string; trialId: string }[] = [];
    for (const verdict of verdicts) {
      const trialId = await finish(tx, verdict);
      if (trialId) finished.push({ attemptId: verdict.attemptId, trialId });
    }
    await settle(tx, finished.map((f) => f.trialId)); // prettier-ignore
    return refused(verdicts, finished);
  });
}

/** The trial's id, or undefined where the attempt is no longer the one that may write. */
async function finish(tx: Tx, verdict: Verdict): Promise<string | undefined> {
  if (verdict.verdict === 'cancelled') return stop(tx, verdict.attemptId);
  const trialId = await endAttempt(tx, verdict);
  if (!trialId) return undefined;
  if (verdict.verdict === 'succeeded') await succeed(tx, trialId, verdict.summary);
  else await fail(tx, trialId, verdict);
  return trialId;
}

async function stop(tx: Tx, attemptId: string): Promise<string | undefined> {
  const [returned] = await returnAttempts(tx, [attemptId], { reason: 'stopped', loss: false });
  return returned;
}

async function endAttempt(tx: Tx, verdict: Exclude<Verdict, { verdict: 'cancelled' }>): Promise<string | undefined> {
  const message = verdict.verdict === 'failed' ? `${verdict.cause}: ${verdict.message}` : null;
  const { rows } = await tx.query<{ trialId: string }>(
    `update "Attempt" a set state = $2, message = $3, "endedAt" = now() from "Trial" t where a.id = $1 and ${current} returning a."trialId"`,
    [verdict.attemptId, verdict.verdict, message],
  );
  return rows[0]?.trialId;
}

async function succeed(tx: Tx, trialId: string, summary: Summary): Promise<void> {
  await tx.query(
    `update "Trial" set state = 'succeeded', cause = null, message = null, note = null, "cancelRequested" = false, summary = $2, step = steps,
       "stepMs" = $3, "finishedAt" = now() where id = $1`,
    [trialId, JSON.stringify(summary), summary.stepMs],
  );
  await forgetResumes(tx, trialId);
}

const crashes = new Set<FailureCause>(['error', 'oom', 'killed', 'timeout']);

async function fail(tx: Tx, trialId: string, { cause, message }: { cause: FailureCause; message: string }): Promise<void> {
  if (crashes.has(cause)) return crash(tx, trialId, { cause, message });
  await tx.query(
    `update "Trial" set state = 'failed', cause = $2, message = $3, note = null, "cancelRequested" = false, "finishedAt" = now() where id = $1`,
    [trialId, cause, message],
  );
  await forgetResumes(tx, trialId); // they lead to the same end
}

/** Once more, unless this was the third time or nobody wants it any more. */
async function crash(tx: Tx, trialId: string, { cause, message }: { cause: FailureCause; message: string }): Promise<void> {
  await tx.query(
    `update "Trial" set crashes = crashes + 1, note = null, "cancelRequested" = false,
       state = case when "cancelRequested" then 'cancelled' when crashes + 1 < $4 then 'ready' else 'failed' end,
       cause = case when not "cancelRequested" and crashes + 1 >= $4 then $2 end,
       message = case when "cancelRequested" then null when crashes + 1 < $4 then 'tried again after ' || $2 || ': ' || $3
         else format('quarantined after %s crashes: %s', $4, $3) end,
       "finishedAt" = case when "cancelRequested" or crashes + 1 >= $4 then now() end
     where id = $1`,
    [trialId, cause, message, mostCrashes],
  );
}

async function forgetResumes(tx: Tx, trialId: string): Promise<void> {
  await tx.query(`delete from "Checkpoint" where "trialId" = $1 and kind = 'resume'`, [trialId]);
}

/** Gives attempts back unfinished (a worker shuts down, its machine has a fault): their trials are queued again and no crash is
 *  counted. `loss`: it counts among the workers that were lost with them. Returns the ids that were refused: lost. */
export async function giveBack(
  db: Database,
  attemptIds: readonly string[],
  reason: string,
  { loss = false } = {},
): Promise<string[]> {
  return transition(db, async (tx) => {
    const { rows } = await tx.query<{ id: string }>(
      `select a.id from "Attempt" a, "Trial" t where a.id = any($1) and ${current}`,
      [attemptIds],
    );
    const held = rows.map((row) => row.id);
    await settle(tx, await returnAttempts(tx, held, { reason, loss }));
    return attemptIds.filter((id) => !held.includes(id));
  });
}
