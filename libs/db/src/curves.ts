/** One metric of many trials by step. */
import type { CurvesQuery, ThinnedCurve } from '#contracts/tables.js';
import { conditionsOf } from './conditions.js';
import type { Database } from './database.js';
import { selectCurves } from './sql/curves.js';

export type CurvesAsked = Omit<CurvesQuery, 'format'>;

/** A page of curves in the order of the file, and the place of the next one; trials that lack the metric are
 *  left out. */
export async function curvesPage(
  db: Database,
  experimentId: string,
  { cursor = 0, limit, metric, split, points, grid, state, where }: CurvesAsked,
): Promise<{ curves: ThinnedCurve[]; next: number | null }> {
  const chosen = [metric, split, points, grid ?? null, state ?? null, conditionsOf(where)];
  const rows = await selectCurves(db.pool, [experimentId, cursor, limit + 1, ...chosen]);
  return { curves: rows.slice(0, limit).map(({ curve }) => curve), next: rows[limit]?.position ?? null };
}

/** Every curve from the cursor on, page by page. */
export async function* curvePages(
  db: Database,
  experimentId: string,
  asked: CurvesAsked,
): AsyncGenerator<ThinnedCurve[]> {
  for (let cursor: number | null = asked.cursor ?? 0; cursor !== null;) {
    const page: Awaited<ReturnType<typeof curvesPage>> = await curvesPage(db, experimentId, {
      ...asked,
      cursor,
    });
    yield page.curves;
    cursor = page.next;
  }
}
