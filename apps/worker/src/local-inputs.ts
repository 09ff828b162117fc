import { createHash } from 'node:crypto';
import { isFileInput, type LocalInput, type TrialInput } from '#contracts/input.js';
import { inputsOf } from '#contracts/inputs-of.js';
import type { Verdict } from '#contracts/trainer-messages.js';
import type { ClaimedTrial, StoredFolder } from '#db/claim-attempts.js';
import { localName } from '#inputs/local-places.js';
import { join } from 'node:path';

/** What a trial reads cannot be had on any try. */
export class UnreadableInput extends Error {}

/** A trial's inputs on this machine: out of the store through `fetched`, or where they lie below a root,
 *  which the trainer verifies. Throws UnreadableInput where nothing is known of what the trial reads. */
export async function localInputs(
  { config, inputs }: Pick<ClaimedTrial, 'config' | 'inputs'>,
  fetched: (folder: Pick<StoredFolder, 'hash' | 'files'>) => Promise<string>,
): Promise<LocalInput[]> {
  const lacking = inputsOf(config).find(
    ({ path, kind }) => !inputs?.some((i) => i.path === path && i.kind === kind),
  );
  if (lacking)
    throw new UnreadableInput(
      `${lacking.knob}: it is not known what ${lacking.path} held when this was submitted; submit it again`,
    );
  const local: LocalInput[] = [];
  for (const input of inputs ?? []) {
    const { path, kind, hash, files, origin, place } = input;
    const at = place === 'root' ? path : await inStore(input, fetched);
    local.push({ path, kind, hash, files, local: at, quotable: origin === 'client' });
  }
  return local;
}

/** A file has its own name in its folder: its ending says how it is read. */
async function inStore(
  { path, kind, hash, files }: TrialInput,
  fetched: (folder: Pick<StoredFolder, 'hash' | 'files'>) => Promise<string>,
): Promise<string> {
  if (!isFileInput(kind)) return fetched({ hash, files });
  const name = localName(path);
  const folder = createHash('sha256').update(JSON.stringify([hash, name])).digest('hex'); // prettier-ignore
  return join(await fetched({ hash: folder, files: [{ ...files[0]!, path: name }] }), name);
}

/** A verdict as it may be written down: one of a trainer that read something else than was asked for is a
 *  crash. */
export function heldTo(trials: readonly ClaimedTrial[], verdict: Verdict): Verdict {
  if (verdict.verdict !== 'succeeded') return verdict;
  const { attemptId, summary } = verdict;
  const expected = hashesOf(
    trials.find((t) => t.attemptId === attemptId)?.inputs?.map((input) => input.hash),
  );
  const read = hashesOf(summary.provenance.inputs);
  if (expected === read) return verdict;
  const message = `the trainer read ${read || 'nothing'}, and the trial is of ${expected || 'nothing'}: its numbers are refused`;
  return { verdict: 'failed', attemptId, cause: 'error', message };
}

const hashesOf = (hashes: readonly string[] = []): string => [...new Set(hashes)].toSorted().join(', ');
