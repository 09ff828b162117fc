/** generation_config.json, where transformers 5 keeps what config.json held before: which tokens end a text,
 *  begin it, or are forced. */
import { join } from 'node:path';
import { isThere, parsedJson, readTextFile } from '../weights/regular-file.js';

export const generationFile = 'generation_config.json';

const largest = 1e6; // bytes

/** config.json's entries with those of the folder's generation_config.json, and the text that they come from.
 *  What is forced is as the latter says, as in transformers. A text ends with the ends of both, config.json's
 *  first: it is what training writes. */
export function withGeneration(folder: string, config: unknown): { config: unknown; text: string } {
  const path = join(folder, generationFile);
  if (!isThere(path) || typeof config !== 'object' || config === null) return { config, text: '' };
  const text = readTextFile(path, largest);
  const generation = (parsedJson(text, path) ?? {}) as Record<string, unknown>;
  const own = config as Record<string, unknown>;
  const chosen: Record<string, unknown> = {};
  for (const field of ['forced_bos_token_id', 'forced_eos_token_id'])
    if (generation[field] !== undefined) chosen[field] = generation[field];
  for (const field of ['decoder_start_token_id', 'eos_token_id'])
    if (own[field] == null && generation[field] != null) chosen[field] = generation[field];
  const ends = [own['eos_token_id'] ?? [], generation['eos_token_id'] ?? []].flat();
  if (own['eos_token_id'] != null && new Set(ends).size > [own['eos_token_id']].flat().length)
    chosen['eos_token_id'] = [...new Set(ends)];
  return { config: { ...own, ...chosen }, text };
}
