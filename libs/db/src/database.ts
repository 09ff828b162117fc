import { PrismaPg } from '@prisma/adapter-pg';
import { Pool } from 'pg';
import { PrismaClient } from './generated/client.js';

/** Postgres, opened: Prisma for ordinary queries, the pool for the SQL that decides what runs. This library
 *  holds the state of experiments and every transition of it; it trains nothing and knows no queue. */
export interface Database {
  url: string;
  prisma: PrismaClient;
  pool: Pool;
  closing: AbortSignal;
  /** Transactions that are under way are cancelled and rolled back. */
  close(): Promise<void>;
}

/** A process that is stopped (a laptop asleep, SIGSTOP) in the middle of a transaction keeps its locks, and
 *  with them everybody from every transition: Postgres ends its session after this long, as long as a lease.
 */
const frozenMs = 10_000;

/** No statement of ours needs so long. One that does is nobody's any more, and others may wait for it. */
const longestStatementMs = 120_000;

/** Opens a migrated database. Throws where nothing answers at `url`. */
export async function openDatabase(url: string, connections = 10): Promise<Database> {
  const pool = new Pool({
    connectionString: url,
    max: connections,
    application_name: 'peftgrid',
    keepAlive: true,
    idle_in_transaction_session_timeout: frozenMs,
    statement_timeout: longestStatementMs,
  });
  // an idle connection broke: the pool drops it, and whoever asks next gets a fresh one or the error
  pool.on('error', () => {});
  // one in use broke between two queries: the next query throws
  pool.on('connect', (client) => client.on('error', () => {}));
  // The adapter is typed against a newer @types/pg than ours; the pool is the same class.
  const prisma = new PrismaClient({
    adapter: new PrismaPg(pool as unknown as ConstructorParameters<typeof PrismaPg>[0]),
  });
  const closing = new AbortController();
  const close = async (): Promise<void> => {
    closing.abort(new Error('the database is being closed'));
    await prisma.$disconnect();
    await pool.end();
  };
  try {
    await pool.query('select 1');
  } catch (cause) {
    await close();
    throw new Error(`no Postgres answers at ${withoutPassword(url)}: ${(cause as Error).message}`, { cause });
  }
  return { url, prisma, pool, closing: closing.signal, close };
}

export function withoutPassword(url: string): string {
  return url.replace(/(:\/\/[^:@/]*):[^@]*@/, '$1:…@');
}
