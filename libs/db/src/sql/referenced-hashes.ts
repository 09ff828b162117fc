import { z } from 'zod';
import { statement } from '../statement.js';

/** Hashes of the files that some checkpoint or some trial's input names. */
export const selectReferencedHashes = statement(
  'referenced-hashes',
  z.object({ hash: z.string() }),
  `
select file ->> 'hash' hash from "Checkpoint", jsonb_array_elements(files) file
union select file ->> 'hash' from "Trial", jsonb_array_elements(inputs) input, jsonb_array_elements(input -> 'files') file`,
);
