import type { Database } from './database.js';

/** Where the API keeps artifacts, at which address workers reach it, and what it is. */
export interface StoreRecord {
  identity: string;
  address: string | null; // s3://…; null: a folder of the API's machine
  apiUrl: string;
  version: string; // of the API
}

/** Returns what was recorded before, null for the first time. */
export async function recordStore(db: Database, record: StoreRecord): Promise<StoreRecord | null> {
  const before = await storeRecord(db);
  const update = { ...record, recordedAt: new Date() };
  // with its key named in both places Prisma leaves it to Postgres: two APIs may start at once
  await db.prisma.artifactStore.upsert({ where: { one: true }, create: { one: true, ...record }, update });
  return before;
}

/** Null: no API has said it yet. */
export function storeRecord(db: Database): Promise<StoreRecord | null> {
  const select = { identity: true, address: true, apiUrl: true, version: true };
  return db.prisma.artifactStore.findUnique({ where: { one: true }, select });
}
