import { awaited } from './awaited.js';
import { tell, tellTrials } from './events.js';
import { endDispatched } from './return-attempts.js';
import type { Tx } from './transition.js';

/** States in which something may still happen to a trial. */
export const unfinished = `('blocked', 'ready', 'dispatched', 'running')`;
const met = `exists (select from "Checkpoint" c where ${awaited})`;

/** Draws the consequences of these trials having changed, within the same transition: what was about to run and has lost a checkpoint
 *  is blocked again, blocked trials whose checkpoints are all there become ready, those that wait for what can't come any more fail, and experiments with nothing left to run are finished. Tells of the
 *  trials themselves and of everything that followed. */
export async function settle(tx: Tx, trialIds: readonly string[]): Promise<void> {
  const touched = new Set(trialIds);
  for (const id of await holdBack(tx, trialIds)) touched.add(id);
  for (let changed = [...trialIds]; changed.length > 0;) {
    const blocked = await blockedAmong(tx, changed);
    const released = await release(tx, blocked);
    changed = await failOrphans(tx, blocked);
    for (const id of [...released, ...changed]) touched.add(id);
  }
  await tellTrials(tx, [...touched]);
  await finishExperiments(tx, [...touched]);
}

/** Blocks those of these trials, and of those that wait for them, that no worker has taken and that lack a checkpoint: it was lost. */
async function holdBack(tx: Tx, trialIds: readonly string[]): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `update "Trial" t set state = 'blocked', note = null where state in ('ready', 'dispatched')
     and id in (select unnest($1::uuid[]) union select "trialId" from "Dependency" where "dependsOnId" = any($1))
     and exists (select from "Dependency" d where d."trialId" = t.id and not ${met}) returning id`,
    [trialIds],
  );
  const held = rows.map((row) => row.id);
  if (held.length) await endDispatched(tx, held, 'recalled before a worker took it: what it starts from was lost');
  return held;
}

/** The blocked ones of these trials and of those that wait for them. */
async function blockedAmong(tx: Tx, trialIds: string[]): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `select id from "Trial" where state = 'blocked' and id = any($1)
     union select t.id from "Dependency" d join "Trial" t on t.id = d."trialId" where d."dependsOnId" = any($1) and t.state = 'blocked'`,
    [trialIds],
  );
  return rows.map((row) => row.id);
}

async function release(tx: Tx, blocked: string[]): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `update "Trial" t set state = 'ready' where id = any($1) and state = 'blocked'
     and not exists (select from "Dependency" d where d."trialId" = t.id and not ${met}) returning id`,
    [blocked],
  );
  return rows.map((row) => row.id);
}

async function failOrphans(tx: Tx, blocked: string[]): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `update "Trial" t set state = 'failed', cause = 'dependency', "finishedAt" = now(),
       message = format('step %s of %s %s… will not come: it %s%s', lost.step, lost.noun, left(lost.id::text, 8), lost.fate, ': ' || lost.message)
     from (select distinct on (d."trialId") d."trialId", d.step, p.id, p.message,
             case p.stage when 'adapt' then 'adaptation' when 'tune' then 'tuning' else 'pretraining' end noun,
             case p.state when 'succeeded' then 'finished without it' when 'failed' then 'failed' else 'was ' || p.state end fate
           from "Dependency" d join "Trial" p on p.id = d."dependsOnId"
           where d."trialId" = any($1) and p.state not in ${unfinished} and not ${met} order by d."trialId", d.step) lost
     where t.id = lost."trialId" and t.state = 'blocked' returning t.id`,
    [blocked],
  );
  return rows.map((row) => row.id);
}

/** Experiments of these trials, of which none can still run. */
async function finishExperiments(tx: Tx, trialIds: string[]): Promise<void> {
  const { rows } = await tx.query<{ id: string }>(
    `update "Experiment" e set state = 'finished', "finishedAt" = now() where state in ('active', 'paused')
     and id in (select "experimentId" from "ExperimentTrial" et join "Trial" t on t.id = et."trialId"
                where t.id = any($1) and t.state not in ${unfinished})
     and not exists (select from "ExperimentTrial" et join "Trial" t on t.id = et."trialId" where et."experimentId" = e.id and t.state in ${unfinished})
     returning id`,
    [trialIds],
  );
  await tell(tx, rows.map(({ id }) => ({ experimentId: id, trialId: null, payload: { type: 'experiment', state: 'finished' } }))); // prettier-ignore
}
