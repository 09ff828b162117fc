/** One metric of many trials by step. */
import type { CurvesQuery, ThinnedCurve } from '#contracts/tables.js';
import { conditionOf } from './conditions.js';
import type { Database } from './database.js';
import { sqlFile } from './sql-file.js';

const statement = sqlFile('curves');

export type CurvesAsked = Omit<CurvesQuery, 'format'>;

/** A page of curves in the order of the file, and the place of the next one; trials that lack the metric are left out. */
export async function curvesPage(
  db: Database,
  experimentId: string,
  { cursor = 0, limit, metric, split, points, grid, state, where = [] }: CurvesAsked,
): Promise<{ curves: ThinnedCurve[]; next: number | null }> {
  const condition = conditionOf(where, 9);
  const text = statement.replace('/*conditions*/', where.length ? `and ${condition.sql}` : '');
  const chosen = [metric, split, points, grid ?? null, state ?? null, ...condition.values];
  const { rows } = await db.pool.query<{ position: number; curve: ThinnedCurve }>(text, [
    experimentId,
    cursor,
    limit + 1,
    ...chosen,
  ]);
  return { curves: rows.slice(0, limit).map(({ curve }) => curve), next: rows[limit]?.position ?? null };
}

/** Every curve from the cursor on, page by page. */
export async function* curvePages(db: Database, experimentId: string, asked: CurvesAsked): AsyncGenerator<ThinnedCurve[]> {
  for (let cursor: number | null = asked.cursor ?? 0; cursor !== null;) {
    const page: Awaited<ReturnType<typeof curvesPage>> = await curvesPage(db, experimentId, { ...asked, cursor });
    yield page.curves;
    cursor = page.next;
  }
}

/** What some of an experiment's trials have measured, as "loss of train". */
export async function curveNames(db: Database, experimentId: string): Promise<{ name: string; split: string }[]> {
  const { rows } = await db.pool.query<{ name: string; split: string }>(
    `with sample as materialized (
       select t.id from "ExperimentTrial" et join "Trial" t on t.id = et."trialId"
       where et."experimentId" = $1 and exists (select from "Metric" m where m."trialId" = t.id) limit 50)
     select distinct m.name, m.split from sample join "Metric" m on m."trialId" = sample.id order by m.split, m.name`,
    [experimentId],
  );
  return rows;
}
