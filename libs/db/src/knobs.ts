import type { Database } from './database.js';

/** Every knob of the configs of an experiment's cells, by its path; a sample for each grid and method. */
export async function knobsOf(db: Database, experimentId: string): Promise<string[]> {
  const { rows } = await db.pool.query<{ config: object }>(
    `select distinct on (c.grid, t.method) t.config from "Cell" c join "Trial" t on t.id = c."trialId"
     where c."experimentId" = $1 order by c.grid, t.method limit 100`,
    [experimentId],
  );
  return [...new Set(rows.flatMap(({ config }) => pathsOf(config, '')))];
}

/** Whether some cell's config has the knob. */
export async function hasKnob(db: Database, experimentId: string, knob: string): Promise<boolean> {
  const { rows } = await db.pool.query<{ there: boolean }>(
    `select exists (select from "Cell" c join "Trial" t on t.id = c."trialId"
       where c."experimentId" = $1 and t.config #> $2::text[] is not null) there`,
    [experimentId, knob.split('.')],
  );
  return rows[0]!.there;
}

function pathsOf(value: unknown, path: string): string[] {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return [path];
  return Object.entries(value).flatMap(([key, own]) => pathsOf(own, path ? `${path}.${key}` : key));
}

/** The values of a knob among an experiment's cells, as texts; the first of them. */
export async function valuesOfKnob(db: Database, experimentId: string, knob: string): Promise<string[]> {
  const { rows } = await db.pool.query<{ value: string }>(
    `select distinct t.config #>> $2::text[] value from "Cell" c join "Trial" t on t.id = c."trialId"
     where c."experimentId" = $1 and t.config #> $2::text[] is not null order by 1 limit 20`,
    [experimentId, knob.split('.')],
  );
  return rows.map((row) => row.value ?? 'null');
}
