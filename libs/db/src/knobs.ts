/** What can be asked of an experiment's cells. */
import type { Database } from './database.js';
import { knobExists, knobValues, sampleConfigs, sampleMetrics } from './sql/knobs.js';
import { only } from './statement.js';

/** Every knob of the configs of an experiment's cells, by its path; of one config for each grid and method.
 */
export async function knobsOf(db: Database, experimentId: string): Promise<string[]> {
  const rows = await sampleConfigs(db.pool, [experimentId]);
  return [...new Set(rows.flatMap(({ config }) => pathsOf(config, '')))];
}

/** Whether some cell's config has the knob. */
export async function hasKnob(db: Database, experimentId: string, knob: string): Promise<boolean> {
  return only(await knobExists(db.pool, [experimentId, knob.split('.')])).there;
}

/** The values of a knob among an experiment's cells, as texts; the first of them. */
export async function valuesOfKnob(db: Database, experimentId: string, knob: string): Promise<string[]> {
  const rows = await knobValues(db.pool, [experimentId, knob.split('.')]);
  return rows.map((row) => row.value ?? 'null');
}

/** What some of an experiment's trials have measured: names of metrics, each with its split. */
export async function measuredMetrics(
  db: Database,
  experimentId: string,
): Promise<{ name: string; split: string }[]> {
  return sampleMetrics(db.pool, [experimentId]);
}

function pathsOf(value: unknown, path: string): string[] {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return [path];
  return Object.entries(value).flatMap(([key, own]) => pathsOf(own, path ? `${path}.${key}` : key));
}
