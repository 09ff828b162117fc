import type { ExperimentView } from '#contracts/experiment.js';
import type { Database } from './database.js';
import { cancelChannel, tell } from './events.js';
import { endDispatched } from './return-attempts.js';
import { reopenCancelled, reviveTrials } from './revive.js';
import { settle } from './settle.js';
import { transition, type Tx } from './transition.js';

type ExperimentState = ExperimentView['state'];

/** What became of a request: `applied` false where the state it met did not allow it. Null: no such experiment or trial. */
export interface Outcome<State> {
  applied: boolean;
  state: State; // after the request
}

/** Trials of experiment $1 that no other experiment still wants, with a condition on its state. */
const onlyIts = (
  others: string,
): string => `id in (select "trialId" from "ExperimentTrial" where "experimentId" = $1) and not exists (
  select from "ExperimentTrial" et join "Experiment" e on e.id = et."experimentId" where et."trialId" = t.id and e.id <> $1 and e.state in (${others}))`;

/** Stops an experiment for good. Trials that wait are cancelled at once, those that run are told to stop (`cancelled` by renewLease);
 *  a trial that another active or paused experiment wants goes on. */
export async function cancelExperiment(db: Database, id: string): Promise<Outcome<ExperimentState> | null> {
  return transition(db, async (tx) => {
    const outcome = await change(tx, id, { from: ['active', 'paused'], to: 'cancelled' });
    if (!outcome?.applied) return outcome;
    const { rows } = await tx.query<{ id: string }>(
      `update "Trial" t set state = 'cancelled', note = null, message = null, "finishedAt" = now()
       where state in ('blocked', 'ready', 'dispatched') and ${onlyIts(`'active', 'paused'`)} returning id`,
      [id],
    );
    const stopping = await tx.query<{ id: string }>(
      `update "Trial" t set "cancelRequested" = true where state = 'running' and ${onlyIts(`'active', 'paused'`)} returning id`,
      [id],
    );
    const waiting = rows.map((row) => row.id);
    await endDispatched(tx, waiting, 'cancelled before a worker took it');
    if (stopping.rowCount) await tx.query(`notify ${cancelChannel}`);
    await settle(tx, [...waiting, ...stopping.rows.map((row) => row.id)]);
    return outcome;
  });
}

/** Dispatches nothing more of it; what runs goes on, and what a worker has not yet taken goes back into the queue. */
export async function pauseExperiment(db: Database, id: string): Promise<Outcome<ExperimentState> | null> {
  return transition(db, async (tx) => {
    const outcome = await change(tx, id, { from: ['active'], to: 'paused' });
    if (!outcome?.applied) return outcome;
    const { rows } = await tx.query<{ id: string }>(
      `update "Trial" t set state = 'ready' where state = 'dispatched' and ${onlyIts(`'active'`)} returning id`,
      [id],
    );
    const recalled = rows.map((row) => row.id);
    await endDispatched(tx, recalled, 'recalled before a worker took it: its experiment was paused');
    await settle(tx, recalled);
    return outcome;
  });
}

export async function resumeExperiment(db: Database, id: string): Promise<Outcome<ExperimentState> | null> {
  return transition(db, (tx) => change(tx, id, { from: ['paused'], to: 'active' }));
}

async function change(
  tx: Tx,
  id: string,
  { from, to }: { from: ExperimentState[]; to: ExperimentState },
): Promise<Outcome<ExperimentState> | null> {
  const { rowCount } = await tx.query(
    `update "Experiment" set state = $3, "finishedAt" = case when $3 = 'cancelled' then now() end where id = $1 and state = any($2)`,
    [id, from, to],
  );
  if (rowCount) {
    await tell(tx, [{ experimentId: id, trialId: null, payload: { type: 'experiment', state: to } }]);
    return { applied: true, state: to };
  }
  const { rows } = await tx.query<{ state: ExperimentState }>('select state from "Experiment" where id = $1', [id]);
  return rows[0] ? { applied: false, state: rows[0].state } : null;
}

/** Tries a failed or cancelled trial again, with those it waits for and those that failed for want of it. Finished
 *  experiments become active again, and its cancelled ones where no other wants it. */
export async function retryTrial(db: Database, trialId: string): Promise<Outcome<string> | null> {
  return transition(db, async (tx) => {
    const { rows } = await tx.query<{ state: string }>('select state from "Trial" where id = $1', [trialId]);
    const state = rows[0]?.state;
    if (state === undefined) return null;
    if (state !== 'failed' && state !== 'cancelled') return { applied: false, state };
    const wanted = [trialId, ...(await connected(tx, [trialId], 'up'))];
    const revived = await reviveTrials(tx, [...wanted, ...(await connected(tx, wanted, 'down'))], 'all');
    await reopenCancelled(tx, [trialId]);
    await settle(tx, revived);
    const after = await tx.query<{ state: string }>('select state from "Trial" where id = $1', [trialId]);
    return { applied: true, state: after.rows[0]!.state };
  });
}

/** All that it waits for (up), or all that failed because of it (down), however many edges away. */
async function connected(tx: Tx, trialIds: string[], direction: 'up' | 'down'): Promise<string[]> {
  const [from, to] = direction === 'up' ? ['trialId', 'dependsOnId'] : ['dependsOnId', 'trialId'];
  const { rows } = await tx.query<{ id: string }>(
    `with recursive reached(id) as (
       select unnest($1::uuid[]) union select t.id from reached r join "Dependency" d on d."${from}" = r.id join "Trial" t on t.id = d."${to}"
       where ${direction === 'up' ? 'true' : `t.cause = 'dependency'`})
     select id from reached where id <> all($1)`,
    [trialIds],
  );
  return rows.map((row) => row.id);
}
