/** What tables read of an experiment, and what of it has changed since. */
import type { Where } from '#contracts/where.js';
import { conditionsOf } from './conditions.js';
import type { Database } from './database.js';
import { latestEventId } from './events.js';
import { selectFulfilling } from './sql/fulfilling-cells.js';
import {
  type ResultCell,
  selectChangedResults,
  selectResultCells,
  type TrialResult,
} from './sql/result-cells.js';

export type { ResultCell, TrialResult };

const inPart = 10_000; // cells

/** Every cell of an experiment in the order of the file, some thousands at a time. */
export async function* resultCells(db: Database, experimentId: string): AsyncGenerator<ResultCell[]> {
  for (let from = 0; ;) {
    const rows = await selectResultCells(db.pool, [experimentId, from, inPart]);
    yield rows;
    if (rows.length < inPart) return;
    from = rows.at(-1)!.position + 1;
  }
}

/** The trials of an experiment that events behind `after`, up to `upTo`, tell of, as they are now. */
export async function changedResults(
  db: Database,
  experimentId: string,
  after: number,
  upTo: number,
): Promise<TrialResult[]> {
  return selectChangedResults(db.pool, [experimentId, after, upTo]);
}

/** The names of those of these experiments that exist, and the newest event's id when they were looked up. */
export async function experimentsAt(
  db: Database,
  ids: readonly string[],
): Promise<{ at: number; names: Map<string, string> }> {
  const at = await latestEventId(db);
  const found = await db.prisma.experiment.findMany({
    where: { id: { in: [...ids] } },
    select: { id: true, name: true },
  });
  return { at, names: new Map(found.map(({ id, name }) => [id, name])) };
}

/** Ids of the cells whose configs fulfil all conditions. */
export async function cellsWhere(
  db: Database,
  experimentId: string,
  wheres: readonly Where[],
): Promise<Set<string>> {
  const rows = await selectFulfilling(db.pool, [experimentId, conditionsOf(wheres) ?? '[]']);
  return new Set(rows.map((row) => row.id));
}
