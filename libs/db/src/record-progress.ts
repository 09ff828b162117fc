import type { Metric } from '#contracts/trainer-messages.js';
import type { Database } from './database.js';
import { tellTrials } from './events.js';
import { tell } from './outbox.js';
import { inParts } from './in-parts.js';
import { heldTrials } from './sql/held-trials.js';
import { updateProgress } from './sql/update-progress.js';
import { type MetricRow, upsertMetrics } from './sql/upsert-metrics.js';
import { type Connection, rowsOf } from './statement.js';
import { together } from './together.js';
import { inTransaction, takeTurn, transitionTogether } from './transition.js';

export interface Progress {
  attemptId: string;
  step: number;
  note: string; // what the trainer is doing
  stepMs: number | null; // median of a step so far; null: not measured yet
}

const progressTogether = transitionTogether<readonly Progress[], string[]>(async (tx, asks) => {
  const newest = new Map(asks.flat().map((p) => [p.attemptId, p]));
  const rows = await updateProgress(tx, [rowsOf([...newest.values()])]);
  await tellTrials(tx, rows.map((row) => row.trialId)); // prettier-ignore
  const held = new Set(rows.map((row) => row.attemptId));
  return asks.map((asked) => refused(asked, held));
});

/** Where the attempts are. Returns the ids that were refused: lost. */
export function recordProgress(db: Database, progress: readonly Progress[]): Promise<string[]> {
  return progressTogether(db, progress);
}

/** Ids of those that were asked for and are not among the accepted, each once. */
export function refused(asked: readonly { attemptId: string }[], accepted: ReadonlySet<string>): string[] {
  return [...new Set(asked.map((a) => a.attemptId))].filter((id) => !accepted.has(id));
}

interface Batch {
  attemptId: string;
  metrics: Metric[];
}

const ingestTogether = together<readonly Batch[], string[]>(async (db, asks) => {
  const batches = asks.flat();
  for (;;) {
    const held = await ingest(db, batches);
    if (held) return asks.map((asked) => refused(asked, new Set(held.keys())));
  }
});

/** Stores measured numbers; the same (trial, name, split, step) again replaces the value, so that a batch may
 *  be sent twice. Numbers that are not finite are dropped: a verdict says what they mean. Returns the ids
 *  that were refused: lost. */
export function ingestMetrics(db: Database, batches: readonly Batch[]): Promise<string[]> {
  return ingestTogether(db, batches);
}

/** The attempts that may write, with their trials. Rows are written before this transaction has its turn, so
 *  that nobody's transition waits for them. Null where an attempt was lost meanwhile: nothing was written
 *  then. */
async function ingest(db: Database, batches: readonly Batch[]): Promise<ReadonlyMap<string, string> | null> {
  const ids = [...new Set(batches.map((b) => b.attemptId))];
  return inTransaction(db, async (tx) => {
    const held = await trialsOf(tx, ids);
    const accepted = batches.flatMap(({ attemptId, metrics }) => {
      const trialId = held.get(attemptId);
      const finite = metrics.filter((m) => Number.isFinite(m.value));
      return trialId && finite.length ? [{ trialId, metrics: finite }] : [];
    });
    await inParts(lastOfEachPlace(accepted), async (some) => void (await upsertMetrics(tx, [rowsOf(some)])));
    await takeTurn(tx);
    const still = await trialsOf(tx, [...held.keys()]);
    if (still.size < held.size) throw new LostMeanwhile();
    tell(
      tx,
      accepted.map(({ trialId, metrics }) => ({
        experimentId: null,
        trialId,
        payload: { type: 'metrics', trialId, metrics },
      })),
    );
    return held;
  }).catch((error: unknown) => {
    if (error instanceof LostMeanwhile) return null;
    throw error;
  });
}

class LostMeanwhile extends Error {}

async function trialsOf(on: Connection, attemptIds: readonly string[]): Promise<Map<string, string>> {
  return new Map((await heldTrials(on, [attemptIds])).map((row) => [row.attemptId, row.trialId]));
}

/** One statement may not touch a row twice: the last value counts. */
function lastOfEachPlace(batches: readonly { trialId: string; metrics: Metric[] }[]): MetricRow[] {
  const rows = new Map<string, MetricRow>();
  for (const { trialId, metrics } of batches)
    for (const m of metrics) rows.set(`${trialId} ${m.split} ${m.step} ${m.name}`, { trialId, ...m });
  return [...rows.values()];
}
