import { z } from 'zod';
import { statement } from '../statement.js';

/** Hashes of all files that something names, each with what names it. */
export const selectNamedFiles = statement(
  'named-files',
  z.object({ hash: z.string(), kind: z.string() }),
  `
select distinct on (hash) hash, kind from (
  select file ->> 'hash' hash, c.kind, 1 place from "Checkpoint" c, jsonb_array_elements(c.files) file
  union all select file ->> 'hash', 'input', 2 from "Trial", jsonb_array_elements(inputs) input, jsonb_array_elements(input -> 'files') file
) named order by hash, place, kind`,
);
