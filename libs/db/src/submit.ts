import type { CreateExperiment } from '#contracts/grid.js';
import { labelsText } from '#contracts/labels.js';
import type { Plan, PlannedTrial } from '#planner/planned.js';
import { requirements } from '#planner/requirements.js';
import { hashOf } from '#planner/trial-key.js';
import { dispatchChannel } from './channels.js';
import type { Database } from './database.js';
import { inDispatchOrder } from './dispatch-order.js';
import { tell } from './outbox.js';
import { inParts } from './in-parts.js';
import { reviveTrials } from './revive.js';
import { endExperiments, settle } from './settle.js';
import { correctCells, correctNeed } from './sql/correct-standing.js';
import { insertCells } from './sql/insert-cells.js';
import { insertEdges } from './sql/insert-edges.js';
import { insertExperiment, selectExperimentOfKey } from './sql/insert-experiment.js';
import { insertNeeds } from './sql/insert-needs.js';
import { insertTrials, selectTrialsOfKeys } from './sql/insert-trials.js';
import { refreshInputs } from './sql/refresh-inputs.js';
import { type Standing, standingOfTrials } from './sql/standing-of-trials.js';
import { only, rowsOf } from './statement.js';
import { freshenStatistics } from './statistics.js';
import { inTransaction, takeTurn, type Tx, type Waited } from './transition.js';

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

/** Makes an experiment with its cells and joins every trial that is there already (by key), all or nothing. A
 *  second submission of an owner's idempotency key creates nothing and returns the first's experiment. Trials
 *  that had been cancelled, or had failed for reasons that may not come again, are tried again. Where the
 *  signal aborts nothing is made. */
export async function submitExperiment(
  db: Database,
  submission: Submission,
  waited: Waited = {},
): Promise<Submitted> {
  const submitted = await inTransaction(db, (tx) => submit(tx, submission), waited);
  if (submitted.created) await freshenStatistics(db, submission.plan.cells.length);
  return submitted;
}

async function submit(tx: Tx, submission: Submission): Promise<Submitted> {
  const required = requiredTexts(submission.plan);
  const id = await makeExperiment(tx, submission, [...new Set(required.values())]);
  if (!id) return firstOf(tx, submission);
  const ordered = inDispatchOrder(submission.plan.trials);
  const trials = await joinTrials(tx, ordered);
  const old = ordered.filter((t) => !trials.added.has(t.key));
  const oldIds = old.map((t) => trials.ids.get(t.key)!);
  const standing = await standingOf(tx, oldIds);
  await makeEdges(tx, ordered, trials);
  await makeCells(tx, id, submission.plan, { ...trials, standing });
  await makeNeeds(tx, id, ordered, { ...trials, standing, required });

  // The bulk is written. From here on no trial changes but by us, and all others wait.
  await takeTurn(tx);
  await correct(tx, id, standing, await standingOf(tx, oldIds));
  await refresh(tx, old);
  tell(
    tx,
    [{ experimentId: id, trialId: null, payload: { type: 'experiment', state: 'active' } }],
    [dispatchChannel],
  );
  const revived = await reviveTrials(tx, oldIds, 'unless-settled');
  await settle(tx, [...joining(ordered, trials), ...revived]);
  // where all of it had ended before
  if (trials.added.size === 0) await endExperiments(tx, oldIds.slice(0, 1));
  return { id, created: true, same: true };
}

/** Null where the owner's key is taken. */
async function makeExperiment(
  tx: Tx,
  { request, owner }: Submission,
  requirements: readonly string[],
): Promise<string | null> {
  const { name, priority, idempotencyKey = null } = request;
  const key = [idempotencyKey, requestHash(request)];
  const [made] = await insertExperiment(tx, [name, owner, priority, ...key, requirements]);
  return made?.id ?? null;
}

async function firstOf(tx: Tx, { request, owner }: Submission): Promise<Submitted> {
  const { id, requestHash: first } = only(await selectExperimentOfKey(tx, [owner, request.idempotencyKey]));
  return { id, created: false, same: first === null || first === requestHash(request) };
}

/** Of a key's request alone; others are never compared. */
function requestHash({ idempotencyKey, ...request }: CreateExperiment): string | null {
  return idempotencyKey === undefined ? null : hashOf(request);
}

interface Joined {
  ids: ReadonlyMap<string, string>; // of all trials, by key
  added: ReadonlySet<string>; // keys of the new ones
}

/** Rows are inserted in the order of their keys: submissions that share trials wait for each other here and
 *  never in a circle. A new trial that waits for nothing is ready at once. */
async function joinTrials(tx: Tx, trials: readonly PlannedTrial[]): Promise<Joined> {
  const sorted = trials.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const [ids, added] = [new Map<string, string>(), new Set<string>()];
  await inParts(sorted, async (some) => {
    const look = async (keys: string[]): Promise<void> => {
      if (keys.length) for (const { id, key } of await selectTrialsOfKeys(tx, [keys])) ids.set(key, id);
    };
    await look(some.map((t) => t.key));
    const rows = some
      .filter((t) => !ids.has(t.key))
      .map(({ key, config, steps, backboneKey, gangKey, inputs, waitsFor }) => {
        const state = waitsFor.length ? 'blocked' : 'ready';
        return { key, config, steps, backboneKey, gangKey, inputs, state };
      });
    if (rows.length === 0) return;
    for (const { id, key } of await insertTrials(tx, [rowsOf(rows)])) {
      ids.set(key, id);
      added.add(key);
    }
    await look(rows.map((t) => t.key).filter((key) => !ids.has(key))); // another submission was faster
  });
  return { ids, added };
}

async function makeEdges(tx: Tx, trials: readonly PlannedTrial[], { ids, added }: Joined): Promise<void> {
  const edges = trials
    .filter((t) => added.has(t.key))
    .flatMap((t) =>
      t.waitsFor.map(({ key, kind, step }) => ({
        trialId: ids.get(t.key)!,
        dependsOnId: ids.get(key)!,
        kind,
        step,
      })),
    );
  await inParts(edges, async (some) => void (await insertEdges(tx, [rowsOf(some)])));
}

/** New trials that wait for older ones: what these have left may be there. Others of the new wait for new
 *  ones, or are ready. */
function joining(trials: readonly PlannedTrial[], { ids, added }: Joined): string[] {
  return trials
    .filter((t) => added.has(t.key) && t.waitsFor.some(({ key }) => !added.has(key)))
    .map((t) => ids.get(t.key)!);
}

type Standings = ReadonlyMap<string, Standing>;

async function standingOf(tx: Tx, trialIds: readonly string[]): Promise<Standings> {
  const standings = new Map<string, Standing>();
  await inParts(trialIds, async (some) => {
    for (const standing of await standingOfTrials(tx, [some])) standings.set(standing.id, standing);
  });
  return standings;
}

async function makeCells(
  tx: Tx,
  experimentId: string,
  { cells }: Plan,
  { ids, standing }: Joined & { standing: Standings },
): Promise<void> {
  await inParts(cells, async (some, from) => {
    const rows = some.map(({ grid, index, point, baseline, trialKey }, i) => {
      const trialId = ids.get(trialKey)!;
      const reused = standing.get(trialId)?.useful ?? false;
      return { grid, index, position: from + i, point, baseline, reused, trialId };
    });
    await insertCells(tx, [experimentId, rowsOf(rows)]);
  });
}

async function makeNeeds(
  tx: Tx,
  experimentId: string,
  ordered: readonly PlannedTrial[],
  { ids, standing, required }: Joined & { standing: Standings; required: ReadonlyMap<string, string> },
): Promise<void> {
  await inParts(ordered, async (some, from) => {
    const rows = some.map(({ key, waitsFor }, i) => {
      const trialId = ids.get(key)!;
      const { ready, open } = standing.get(trialId) ?? { ready: waitsFor.length === 0, open: true };
      return { trialId, position: from + i, ready, open, requires: required.get(key)! };
    });
    await insertNeeds(tx, [experimentId, rowsOf(rows)]);
  });
}

/** What each trial requires of its worker, by its key. */
function requiredTexts(plan: Plan): Map<string, string> {
  const labels = requirements(plan);
  return new Map(plan.trials.map(({ key }) => [key, labelsText([...(labels.get(key) ?? [])])]));
}

/** What was written of older trials before our turn came, where they have changed since. The trigger that
 *  keeps it true does not see rows of a transaction that has not ended. */
async function correct(tx: Tx, id: string, noted: Standings, now: Standings): Promise<void> {
  for (const [trialId, { useful, ready, open }] of now) {
    const before = noted.get(trialId)!;
    if (before.useful !== useful) await correctCells(tx, [id, trialId, useful]);
    if (before.ready !== ready || before.open !== open) await correctNeed(tx, [id, trialId, ready, open]);
  }
}

/** A trial that is still to run reads its inputs where the newest submission says: an older one's folder may
 *  have changed since. The key says that both hold the same. */
async function refresh(tx: Tx, old: readonly PlannedTrial[]): Promise<void> {
  const reading = old.filter((t) => t.inputs.length);
  await inParts(reading, async (some) => {
    await refreshInputs(tx, [rowsOf(some.map(({ key, config, inputs }) => ({ key, config, inputs })))]);
  });
}
