import type { TrialJob } from '#contracts/queue.js';
import type { Database } from './database.js';
import { tellTrials } from './events.js';
import { transition } from './transition.js';

export interface DispatchOptions {
  slots: number; // jobs to hand out at most
  gangSize: number; // trials of equal gangKey in one job at most; a trial that has crashed goes alone
}

/** Chooses what runs next and gives each chosen trial a new attempt with a higher fence. Order: priority; among equals the owner with the
 *  fewest trials under way; then the older experiment and its own order of dispatch. Call it from any number of processes. */
export async function dispatchReady(db: Database, { slots, gangSize }: DispatchOptions): Promise<TrialJob[]> {
  if (slots < 1) return [];
  return transition(db, async (tx) => {
    const { rows } = await tx.query<{ id: string; trialId: string; jobId: string; fence: number }>(choose, [slots, gangSize]);
    await tellTrials(tx, rows.map((row) => row.trialId)); // prettier-ignore
    return jobsOf(rows);
  });
}

const choose = `
with busy as (
  select owner, count(distinct t.id) n from "Trial" t join "ExperimentTrial" et on et."trialId" = t.id join "Experiment" e on e.id = et."experimentId"
  where t.state in ('dispatched', 'running') and e.state = 'active' group by owner),
-- Each active experiment's next ones are enough: gang-mates stand side by side in its order.
wanted as (
  select distinct on (next.id) next.*, e.owner, e.priority, e."createdAt", e.id "experimentId" from "Experiment" e, lateral (
    select t.id, case when t.crashes = 0 then t."gangKey" end "gangKey", et.position
    from "ExperimentTrial" et join "Trial" t on t.id = et."trialId" and t.state = 'ready'
    where et."experimentId" = e.id order by et.position limit $1::int * $2::int) next
  where e.state = 'active' order by next.id, e.priority desc, e."createdAt", e.id),
ordered as (
  select *, row_number() over (order by priority desc, "createdAt", "experimentId", position) place from wanted),
ganged as (
  select *, coalesce("gangKey", id::text) || '/' || (row_number() over (
      partition by priority, owner, "gangKey", case when "gangKey" is null then id end order by place) - 1) / $2::int gang
  from ordered),
gangs as (
  select owner, priority, gang, min(place) place, count(*) members from ganged group by owner, priority, gang),
fair as (
  select g.*, coalesce(busy.n, 0) + sum(members) over (partition by g.owner, priority order by place) - members ahead
  from gangs g left join busy on busy.owner = g.owner),
chosen as (
  select gen_random_uuid() "jobId", row_number() over (order by priority desc, ahead, place) turn, owner, priority, gang
  from (select * from fair order by priority desc, ahead, place limit $1::int) f),
raised as (
  update "Trial" t set state = 'dispatched', fence = t.fence + 1, note = null
  from ganged g join chosen c using (owner, priority, gang) where t.id = g.id and t.state = 'ready'
  returning t.id "trialId", t.fence, c."jobId", c.turn, g.place),
made as (
  insert into "Attempt" (id, "trialId", "jobId", fence, state) select gen_random_uuid(), "trialId", "jobId", fence, 'dispatched' from raised
  returning id, "trialId", "jobId", fence)
select made.* from made join raised using ("trialId") order by raised.turn, raised.place`;

/** Jobs that are not in the queue for all we know: never rung, or rung more than `seconds` ago and still not claimed by anybody. */
export async function unrung(db: Database, seconds = 30): Promise<TrialJob[]> {
  const { rows } = await db.pool.query<{ id: string; jobId: string; fence: number }>(
    `select id, "jobId", fence from "Attempt" where state = 'dispatched' and ("rungAt" is null or "rungAt" < now() - $1 * interval '1 second')
     order by "createdAt", "jobId", fence, id`,
    [seconds],
  );
  return jobsOf(rows);
}

/** To be called after the queue has taken the jobs: a process that dies in between rings twice, never not at all. */
export async function markRung(db: Database, jobs: readonly TrialJob[]): Promise<void> {
  const ids = jobs.flatMap((job) => job.attempts.map((a) => a.id));
  await db.pool.query(`update "Attempt" set "rungAt" = now() where id = any($1) and state = 'dispatched'`, [ids]);
}

/** Rows of one job become its attempts, jobs in the order of their first row. */
function jobsOf(rows: { id: string; jobId: string; fence: number }[]): TrialJob[] {
  const jobs = new Map<string, TrialJob>();
  for (const { id, jobId, fence } of rows) {
    const job = jobs.get(jobId) ?? { attempts: [] };
    job.attempts.push({ id, fence });
    jobs.set(jobId, job);
  }
  return [...jobs.values()];
}
