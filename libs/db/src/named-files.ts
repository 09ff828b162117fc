import type { Database } from './database.js';

/** Hashes of all files that something names, each with what names it: a kind of checkpoint, or `input`. */
export async function namedFiles(db: Database): Promise<Map<string, string>> {
  const { rows } = await db.pool.query<{ hash: string; kind: string }>(
    `select distinct on (hash) hash, kind from (
       select file ->> 'hash' hash, c.kind, 1 place from "Checkpoint" c, jsonb_array_elements(c.files) file
       union all select file ->> 'hash', 'input', 2 from "Trial", jsonb_array_elements(inputs) input, jsonb_array_elements(input -> 'files') file
     ) named order by hash, place, kind`,
  );
  return new Map(rows.map((row) => [row.hash, row.kind]));
}
