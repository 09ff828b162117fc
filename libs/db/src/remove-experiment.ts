import type { RemovalView } from '#contracts/removal.js';
import type { Database } from './database.js';
import { inParts } from './in-parts.js';
import { inTransaction, transition, type Tx } from './transition.js';

/** Trials that no other experiment has. Whoever starts from a trial has it among its experiment's, so that none of these is waited for
 *  elsewhere. */
const own = `(select et."trialId" id from "ExperimentTrial" et where et."experimentId" = $1 and not exists (
  select from "ExperimentTrial" o where o."trialId" = et."trialId" and o."experimentId" <> $1))`;

/** What would go with an experiment; null: there is none. */
export const removalOf = (db: Database, id: string): Promise<RemovalView | null> => inTransaction(db, (tx) => look(tx, id));

/** Removes an experiment, with the trials that it alone has and all that these left in the database. Their files stay in the store until
 *  they are collected. Where it is not removable nothing is changed. */
export async function removeExperiment(db: Database, id: string): Promise<RemovalView | null> {
  let trials: string[] = [];
  const removed = await transition(db, async (tx) => {
    const view = await look(tx, id);
    if (!view?.removable) return view;
    const { rows } = await tx.query<{ id: string }>(`select id from ${own} own`, [id]);
    trials = rows.map((row) => row.id);
    await tx.query('delete from "Experiment" where id = $1', [id]);
    for (const table of ['Checkpoint', 'Attempt']) await tx.query(`delete from "${table}" where "trialId" = any($1)`, [trials]);
    await tx.query('delete from "Dependency" where "trialId" = any($1) or "dependsOnId" = any($1)', [trials]);
    await tx.query('delete from "Trial" where id = any($1)', [trials]);
    return view;
  });
  // Nobody can reach these any more: they go without holding up who waits for a turn.
  await inParts(trials, async (some) => void (await db.pool.query('delete from "Metric" where "trialId" = any($1)', [some])));
  if (removed?.removable)
    await db.pool.query('delete from "Event" where "experimentId" = $1 or "trialId" = any($2)', [id, trials]);
  return removed;
}

async function look(tx: Tx, id: string): Promise<RemovalView | null> {
  const { rows } = await tx.query<Omit<RemovalView, 'bytes'> & { bytes: string }>(
    `with own as materialized ${own},
     files as (select distinct file ->> 'hash' hash, (file ->> 'bytes')::bigint bytes
       from "Checkpoint" c join own on own.id = c."trialId", jsonb_array_elements(c.files) file),
     others as (
       select file ->> 'hash' hash from "Checkpoint" c, jsonb_array_elements(c.files) file where c."trialId" not in (select id from own)
       union select file ->> 'hash' from "Trial" t, jsonb_array_elements(t.inputs) input, jsonb_array_elements(input -> 'files') file
       where t.id not in (select id from own))
     select e.id "experimentId", e.name, e.state,
       e.state in ('finished', 'cancelled') and not exists (
         select from "Trial" t join own on own.id = t.id where t.state in ('dispatched', 'running')) removable,
       (select count(*)::int from "Cell" where "experimentId" = e.id) cells,
       (select count(*)::int from own) trials,
       (select count(*)::int from "ExperimentTrial" where "experimentId" = e.id) - (select count(*)::int from own) shared,
       (select count(*)::int from "Metric" m join own on own.id = m."trialId") metrics,
       (select count(*)::int from "Checkpoint" c join own on own.id = c."trialId") checkpoints,
       (select coalesce(sum(bytes), 0) from files where hash not in (select hash from others)) bytes
     from "Experiment" e where e.id = $1`,
    [id],
  );
  return rows[0] ? { ...rows[0], bytes: Number(rows[0].bytes) } : null;
}
