/** What tables read of an experiment, and what of it has changed since. */
import type { CellView } from '#contracts/experiment.js';
import type { TrialState } from '#contracts/trial.js';
import type { Where } from '#contracts/where.js';
import { conditionOf } from './conditions.js';
import type { Database } from './database.js';
import { sqlFile } from './sql-file.js';

const cellsStatement = sqlFile('result-cells');
const changedStatement = sqlFile('changed-results');
const inPart = 10_000; // cells

/** What a trial amounts to. */
export interface TrialResult {
  trialId: string;
  state: TrialState;
  step: number;
  steps: number;
  cause: string | null;
  message: string | null;
  summary: string | null; // JSON
}

export interface ResultCell extends TrialResult, Pick<CellView, 'id' | 'grid' | 'index' | 'point' | 'baseline' | 'reused'> {
  position: number;
}

/** Every cell of an experiment in the order of the file, some thousands at a time. */
export async function* resultCells(db: Database, experimentId: string): AsyncGenerator<ResultCell[]> {
  for (let from = 0; ;) {
    const { rows } = await db.pool.query<ResultCell>(cellsStatement, [experimentId, from, inPart]);
    yield rows;
    if (rows.length < inPart) return;
    from = rows.at(-1)!.position + 1;
  }
}

/** The trials of an experiment that events behind `after`, up to `upTo`, tell of, as they are now. */
export async function changedResults(db: Database, experimentId: string, after: number, upTo: number): Promise<TrialResult[]> {
  const { rows } = await db.pool.query<TrialResult>(changedStatement, [experimentId, after, upTo]);
  return rows;
}

/** The names of those of these experiments that exist, and the newest event's id when they were looked up. */
export async function experimentsAt(db: Database, ids: readonly string[]): Promise<{ at: number; names: Map<string, string> }> {
  const { rows } = await db.pool.query<{ at: string; found: { id: string; name: string }[] }>(
    `select (select coalesce(max(id), 0) from "Event") at,
       (select coalesce(json_agg(json_build_object('id', id, 'name', name)), '[]') from "Experiment" where id = any($1)) found`,
    [ids],
  );
  const { at, found } = rows[0]!;
  return { at: Number(at), names: new Map(found.map(({ id, name }) => [id, name])) };
}

/** Ids of the cells whose configs fulfil all conditions. */
export async function cellsWhere(db: Database, experimentId: string, wheres: readonly Where[]): Promise<Set<string>> {
  const { sql, values } = conditionOf(wheres, 2);
  const { rows } = await db.pool.query<{ id: string }>(
    `select c.id from "Cell" c where c."experimentId" = $1
     and exists (select from "Trial" t where t.id = c."trialId" and ${sql})`,
    [experimentId, ...values],
  );
  return new Set(rows.map((row) => row.id));
}
