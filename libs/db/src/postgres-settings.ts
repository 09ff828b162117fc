import type { Database } from './database.js';
import { selectSettings } from './sql/server-settings.js';

const fewConnections = 60; // API and a handful of workers, each with its pool, listeners and queue

/** What of the server's settings can lose what was committed, or turn workers away, a sentence each. */
export async function postgresWarnings(db: Database): Promise<string[]> {
  const names = ['fsync', 'full_page_writes', 'synchronous_commit', 'max_connections'];
  const rows = await selectSettings(db.pool, [names]);
  const of = new Map(rows.map(({ name, setting }) => [name, setting]));
  const warnings = ['fsync', 'full_page_writes']
    .filter((name) => of.get(name) === 'off')
    .map((name) => `Postgres has ${name} off: a crash of its machine can destroy the database; expected on`);
  if (of.get('synchronous_commit') === 'off')
    warnings.push(
      'Postgres has synchronous_commit off: a crash can lose results that were accepted; expected on',
    );
  if (Number(of.get('max_connections')) < fewConnections)
    warnings.push(
      `Postgres has max_connections ${of.get('max_connections')}: a worker needs up to 15; expected ${fewConnections} or more`,
    );
  return warnings;
}
