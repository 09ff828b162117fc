/** Pages of an experiment's cells. */
import { type CellsQuery, mostCells } from '#contracts/cells.js';
import type { CellView } from '#contracts/experiment.js';
import { conditionsOf } from './conditions.js';
import type { Database } from './database.js';
import { latestEventId } from './events.js';
import { type PageRow, selectCellsPage } from './sql/cells-page.js';
import { why } from './why.js';

export type CellsAsked = Pick<CellsQuery, 'grid' | 'state' | 'where' | 'since' | 'cursor' | 'limit'>;

/** A page as its JSON, whose points and summaries are what the database holds: they were checked when they
 *  came in. */
export interface CellsText {
  at: number; // see CellsPage
  cells: string[]; // a CellView each
  next: number | null;
}

/** A page in the order of the file; of an experiment that does not exist it has no cell. */
export async function cellsText(db: Database, experimentId: string, asked: CellsAsked): Promise<CellsText> {
  const { grid, state, where, since, cursor = 0, limit } = asked;
  const at = await latestEventId(db);
  const filters = [grid ?? null, since ?? null, conditionsOf(where), state ?? null];
  const rows = await selectCellsPage(db.pool, [experimentId, cursor, limit + 1, ...filters]);
  return { at, cells: rows.slice(0, limit).map(textOf), next: rows[limit]?.position ?? null };
}

/** Every cell from the cursor on, as JSON, page by page. */
export async function* cellTexts(
  db: Database,
  experimentId: string,
  asked: CellsAsked,
): AsyncGenerator<string[]> {
  for (let cursor: number | null = asked.cursor ?? 0; cursor !== null;) {
    const { cells, next }: CellsText = await cellsText(db, experimentId, { ...asked, cursor });
    yield cells;
    cursor = next;
  }
}

/** Every cell of an experiment at once, in the order of the file. */
export async function cellViews(db: Database, experimentId: string): Promise<CellView[]> {
  const cells: CellView[] = [];
  for await (const page of cellTexts(db, experimentId, { limit: mostCells }))
    for (const text of page) cells.push(JSON.parse(text) as CellView);
  return cells;
}

function textOf(row: PageRow): string {
  const { id, grid, index, baseline, reused, trialId, state, step, steps, stepMs } = row;
  const { paused, workers, fault, lacking } = row;
  const surroundings = { paused, workers, fault, lacking };
  const sentence = why(row, { ...surroundings, reused });
  const plain = JSON.stringify({
    id,
    grid,
    index,
    baseline,
    trialId,
    state,
    reused,
    why: sentence,
    step,
    steps,
    stepMs,
  });
  return `${plain.slice(0, -1)},"point":${row.point},"summary":${row.summary ?? 'null'}}`;
}
