import { randomUUID } from 'node:crypto';
import type { CreateExperiment } from '#contracts/grid.js';
import type { Plan } from '#planner/planned.js';
import type { PlannedTrial } from '#planner/planned.js';
import { hashOf } from '#planner/trial-key.js';
import type { Database } from './database.js';
import { tell } from './events.js';
import { inParts } from './in-parts.js';
import { reviveTrials } from './revive.js';
import { settle } from './settle.js';
import { inTransaction, takeTurn, type Tx } from './transition.js';

export interface Submission {
  request: CreateExperiment;
  plan: Plan; // expand(request)
  owner: string;
}

export interface Submitted {
  id: string;
  created: boolean;
  same: boolean; // false: the idempotency key belongs to another request
}

/** Makes an experiment with its cells and joins every trial that is there already (by key), all or nothing. A second submission of an
 *  owner's idempotency key creates nothing and returns the first's experiment. Trials that had been cancelled, or had failed for reasons
 *  that may not come again, are tried again. */
export async function submitExperiment(db: Database, submission: Submission): Promise<Submitted> {
  return inTransaction(db, async (tx) => {
    const id = await insertExperiment(tx, submission);
    if (!id) return firstOf(tx, submission);
    const ordered = inDispatchOrder(submission.plan.trials);
    const { ids, added } = await insertTrials(tx, ordered);
    await insertEdges(tx, ordered, ids, added);
    await takeTurn(tx); // from here on no trial changes but by us; the bulk of the work is behind us
    await refreshInputs(tx, ordered.filter((t) => !added.has(ids.get(t.key)!))); // prettier-ignore
    const reused = await usefulAlready(
      tx,
      [...ids.values()].filter((trial) => !added.has(trial)),
    );
    await insertCells(tx, id, submission.plan, ids, reused);
    await insertNeeds(tx, id, ordered, ids);
    await tell(tx, [{ experimentId: id, trialId: null, payload: { type: 'experiment', state: 'active' } }]);
    const revived = await reviveTrials(tx, [...ids.values()], 'unless-settled');
    await settle(tx, [...ids.values()].length === reused.size ? [...ids.values()] : [...added, ...revived]);
    return { id, created: true, same: true };
  });
}

/** Null where the owner's key is taken. A submission under way with the same key is waited for. */
async function insertExperiment(tx: Tx, { request, owner }: Submission): Promise<string | null> {
  const { rows } = await tx.query<{ id: string }>(
    `insert into "Experiment" (id, name, owner, priority, "idempotencyKey", "requestHash") values ($1, $2, $3, $4, $5, $6)
     on conflict (owner, "idempotencyKey") do nothing returning id`,
    [randomUUID(), request.name, owner, request.priority, request.idempotencyKey ?? null, requestHash(request)],
  );
  return rows[0]?.id ?? null;
}

async function firstOf(tx: Tx, { request, owner }: Submission): Promise<Submitted> {
  const { rows } = await tx.query<{ id: string; requestHash: string | null }>(
    'select id, "requestHash" from "Experiment" where owner = $1 and "idempotencyKey" = $2',
    [owner, request.idempotencyKey],
  );
  const { id, requestHash: first } = rows[0]!;
  return { id, created: false, same: first === null || first === requestHash(request) };
}

/** Of a key's request alone; others are never compared. */
function requestHash({ idempotencyKey, ...request }: CreateExperiment): string | null {
  return idempotencyKey === undefined ? null : hashOf(request);
}

/** What others wait for first, then one backbone after the other so that it stays in memory, gang-mates side by side; else file order. */
export function inDispatchOrder(trials: readonly PlannedTrial[]): PlannedTrial[] {
  const awaited = new Set(trials.flatMap((t) => t.waitsFor.map((w) => w.key)));
  const firstAt = new Map<string, number>();
  trials.forEach((t, i) => {
    for (const name of [t.backboneKey, t.gangKey ?? t.key]) if (!firstAt.has(name)) firstAt.set(name, i);
  });
  const ranked = trials.map((trial) => {
    const group = awaited.has(trial.key) ? 0 : 1;
    return { trial, group, backbone: firstAt.get(trial.backboneKey)!, gang: firstAt.get(trial.gangKey ?? trial.key)! };
  });
  return ranked.toSorted((a, b) => a.group - b.group || a.backbone - b.backbone || a.gang - b.gang).map(({ trial }) => trial);
}

/** Ids by key, and which of them are new. Rows are inserted in the order of their keys: submissions that share trials wait for each
 *  other here and never in a circle. */
async function insertTrials(tx: Tx, trials: PlannedTrial[]): Promise<{ ids: Map<string, string>; added: Set<string> }> {
  const sorted = trials.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const [ids, added] = [new Map<string, string>(), new Set<string>()];
  await inParts(sorted, async (some) => {
    const keys = some.map((t) => t.key);
    const { rows: fresh } = await tx.query<{ id: string }>(
      `insert into "Trial" (id, key, config, steps, "backboneKey", "gangKey", inputs, state)
       select *, 'blocked' from unnest($1::uuid[], $2::text[], $3::jsonb[], $4::int[], $5::text[], $6::text[], $7::jsonb[])
       on conflict (key) do nothing returning id`,
      [
        some.map(() => randomUUID()),
        keys,
        some.map((t) => JSON.stringify(t.config)),
        some.map((t) => t.steps),
        some.map((t) => t.backboneKey),
        some.map((t) => t.gangKey),
        some.map((t) => JSON.stringify(t.inputs)),
      ],
    );
    for (const { id } of fresh) added.add(id);
    const { rows } = await tx.query<{ id: string; key: string }>('select id, key from "Trial" where key = any($1)', [keys]);
    for (const { id, key } of rows) ids.set(key, id);
  });
  return { ids, added };
}

/** A trial that is still to run reads its inputs where the newest submission says: an older one's folder may have changed since. The key says
 *  that both hold the same. */
async function refreshInputs(tx: Tx, old: PlannedTrial[]): Promise<void> {
  const reading = old.filter((t) => t.inputs.length);
  await inParts(reading, async (some) => {
    await tx.query(
      `update "Trial" t set config = u.config, inputs = u.inputs from unnest($1::text[], $2::jsonb[], $3::jsonb[]) u(key, config, inputs)
       where t.key = u.key and t.state in ('blocked', 'ready', 'dispatched', 'failed', 'cancelled') and t.inputs is distinct from u.inputs`,
      [some.map((t) => t.key), some.map((t) => JSON.stringify(t.config)), some.map((t) => JSON.stringify(t.inputs))],
    );
  });
}

async function insertEdges(tx: Tx, trials: PlannedTrial[], ids: Map<string, string>, added: Set<string>): Promise<void> {
  const edges = trials.filter((t) => added.has(ids.get(t.key)!)).flatMap((t) => t.waitsFor.map((w) => ({ from: t.key, ...w })));
  await inParts(edges, async (some) => {
    await tx.query(
      `insert into "Dependency" ("trialId", "dependsOnId", kind, step) select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::int[])`,
      [some.map((e) => ids.get(e.from)), some.map((e) => ids.get(e.key)), some.map((e) => e.kind), some.map((e) => e.step)],
    );
  });
}

/** Those that are finished or under way: their cells are reused. A trial that only waits is shared too, but saves nothing yet. */
async function usefulAlready(tx: Tx, old: string[]): Promise<Set<string>> {
  const { rows } = await tx.query<{ id: string }>(
    `select id from "Trial" where id = any($1) and (state in ('blocked', 'ready', 'dispatched', 'running', 'succeeded', 'pruned')
       or cause in ('diverged', 'invalid'))`,
    [old],
  );
  return new Set(rows.map((row) => row.id));
}

async function insertCells(
  tx: Tx,
  experimentId: string,
  { cells }: Plan,
  ids: Map<string, string>,
  reused: Set<string>,
): Promise<void> {
  await inParts(cells, async (some, from) => {
    const trialIds = some.map((c) => ids.get(c.trialKey)!);
    await tx.query(
      `insert into "Cell" (id, "experimentId", grid, index, position, point, baseline, reused, "trialId")
       select id, $1, grid, index, $9 + n - 1, point, baseline, reused, trial
       from unnest($2::uuid[], $3::text[], $4::int[], $5::json[], $6::bool[], $7::bool[], $8::uuid[])
         with ordinality u(id, grid, index, point, baseline, reused, trial, n)`,
      [
        experimentId,
        some.map(() => randomUUID()),
        some.map((c) => c.grid),
        some.map((c) => c.index),
        some.map((c) => JSON.stringify(c.point)),
        some.map((c) => c.baseline),
        trialIds.map((id) => reused.has(id)),
        trialIds,
        from,
      ],
    );
  });
}

async function insertNeeds(tx: Tx, experimentId: string, ordered: PlannedTrial[], ids: Map<string, string>): Promise<void> {
  await inParts(ordered, async (some, from) => {
    await tx.query(
      `insert into "ExperimentTrial" ("experimentId", "trialId", position)
       select $1, id, $3 + n - 1 from unnest($2::uuid[]) with ordinality u(id, n)`,
      [experimentId, some.map((t) => ids.get(t.key)), from],
    );
  });
}
