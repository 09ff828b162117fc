import type { Database } from './database.js';
import { selectNamedFiles } from './sql/named-files.js';

/** Hashes of all files that something names, each with what names it: a kind of checkpoint, or `input`. */
export async function namedFiles(db: Database): Promise<Map<string, string>> {
  return new Map((await selectNamedFiles(db.pool, [])).map((row) => [row.hash, row.kind]));
}
