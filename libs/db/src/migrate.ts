import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Client, type Pool } from 'pg';
import { z } from 'zod';
import { only, statement } from './statement.js';

const prismasLock = 72_707_369; // the advisory lock of Prisma Migrate: both may be used on one database
const ledger = `create table if not exists _prisma_migrations (
  id varchar(36) primary key not null, checksum varchar(64) not null, finished_at timestamptz, migration_name varchar(255) not null,
  logs text, rolled_back_at timestamptz, started_at timestamptz not null default now(), applied_steps_count integer not null default 0)`;

const selectLedger = statement(
  'ledger',
  z.object({ there: z.boolean() }),
  `select to_regclass('_prisma_migrations') is not null there`,
);

const selectApplied = statement(
  'applied-migrations',
  z.object({ migration_name: z.string(), checksum: z.string(), finished_at: z.date().nullable() }),
  'select migration_name, checksum, finished_at from _prisma_migrations where rolled_back_at is null',
);

interface Migration {
  name: string;
  sql: string;
  checksum: string;
}

/** Brings the database's tables up to date: every folder of prisma/migrations that its ledger (Prisma's own)
 *  lacks, in order, each in a transaction. Processes that start at once wait for each other. Returns the
 *  names that were applied. Throws where an applied migration was edited since, where one failed before, or
 *  where the database is newer than this code. */
export async function migrate(url: string, folder = migrationsFolder()): Promise<string[]> {
  const client = new Client({ connectionString: url, application_name: 'peftgrid-migrate' });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [prismasLock]); // of this session: ends with it
    await client.query(ledger);
    const pending = await missing(client, readMigrations(folder));
    for (const migration of pending) await apply(client, migration);
    return pending.map((m) => m.name);
  } finally {
    await client.end();
  }
}

/** Names of the migrations that the database lacks; nothing is changed. Throws where it is newer than this
 *  code, or where one of them was edited or failed. */
export async function pendingMigrations(
  pool: Pick<Pool, 'query'>,
  folder = migrationsFolder(),
): Promise<string[]> {
  const migrations = readMigrations(folder);
  const { there } = only(await selectLedger(pool, []));
  return (there ? await missing(pool, migrations) : migrations).map((m) => m.name);
}

/** prisma/migrations of the package this file belongs to, whether it runs from source or from dist. */
function migrationsFolder(): string {
  let folder = __dirname;
  while (!existsSync(join(folder, 'package.json'))) {
    if (dirname(folder) === folder)
      throw new Error(`no package.json above ${__dirname}, so no prisma/migrations can be found`);
    folder = dirname(folder);
  }
  return join(folder, 'prisma', 'migrations');
}

function readMigrations(folder: string): Migration[] {
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
  return names.toSorted().map((name) => {
    const sql = readFileSync(join(folder, name, 'migration.sql'), 'utf8');
    return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
  });
}

async function missing(client: Pick<Pool, 'query'>, migrations: Migration[]): Promise<Migration[]> {
  const rows = await selectApplied(client, []);
  const applied = new Map(rows.map((row) => [row.migration_name, row]));
  const unknown = rows.find((row) => !migrations.some((m) => m.name === row.migration_name));
  if (unknown)
    throw new Error(
      `the database has migration ${unknown.migration_name}, which this version does not know; use a newer peftgrid`,
    );
  return migrations.filter(({ name, checksum }) => {
    const row = applied.get(name);
    if (row && !row.finished_at) throw new Error(`migration ${name} failed before and was not rolled back`);
    if (row && row.checksum !== checksum)
      throw new Error(`migration ${name} was edited after it had been applied`);
    return !row;
  });
}

async function apply(client: Client, { name, sql, checksum }: Migration): Promise<void> {
  await client.query('begin');
  try {
    await client.query(sql);
    await client.query(
      'insert into _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count) values ($1, $2, $3, now(), 1)',
      [randomUUID(), checksum, name],
    );
    await client.query('commit');
  } catch (cause) {
    await client.query('rollback');
    throw new Error(`migration ${name}: ${(cause as Error).message}`, { cause });
  }
}
