import type { Database } from './database.js';

/** Where the API keeps artifacts, at which address workers reach it, and what it is. */
export interface StoreRecord {
  identity: string;
  address: string | null; // s3://…; null: a folder of the API's machine
  apiUrl: string;
  version: string; // of the API
}

/** Returns what was recorded before, null for the first time. */
export async function recordStore(
  db: Database,
  { identity, address, apiUrl, version }: StoreRecord,
): Promise<StoreRecord | null> {
  const before = await storeRecord(db);
  await db.pool.query(
    `insert into "ArtifactStore" (identity, address, "apiUrl", version) values ($1, $2, $3, $4)
     on conflict (one) do update set identity = excluded.identity, address = excluded.address, "apiUrl" = excluded."apiUrl",
       version = excluded.version, "recordedAt" = now()`,
    [identity, address, apiUrl, version],
  );
  return before;
}

/** Null: no API has said it yet. */
export async function storeRecord(db: Database): Promise<StoreRecord | null> {
  const { rows } = await db.pool.query<StoreRecord>('select identity, address, "apiUrl", version from "ArtifactStore"');
  return rows[0] ?? null;
}
