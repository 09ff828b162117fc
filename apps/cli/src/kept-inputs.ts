import { copyFile, mkdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isFileInput, type LocalInput, type TrialInput } from '#contracts/input.js';
import { peftgridHome } from '#engine/install/library.js';
import { FileHashes } from '#inputs/file-hashes.js';
import { localName } from '#inputs/local-places.js';
import { placeOf } from '#inputs/read-inputs.js';
import type { PlannedTrial } from '#planner/planned.js';
import { Failure } from './failure.js';

/** Where a trial's input lies while it is trained. */
export type Kept = (input: TrialInput) => LocalInput;

/** Copies the data that these trials read into a folder of the run, so that an edit meanwhile changes
 *  nothing. Models stay where they are, and are verified before each use. Throws Failure where a file is no
 *  longer what was planned. */
export async function keptInputs(trials: readonly PlannedTrial[], out: string): Promise<Kept> {
  const hashes = FileHashes.of(peftgridHome());
  const local: Kept = ({ path, kind, hash, files }) => {
    const folder = join(out, 'inputs', hash);
    const isFile = isFileInput(kind);
    const at =
      kind === 'model' || kind === 'tokenizer' ? path : isFile ? join(folder, localName(path)) : folder;
    return { path, kind, hash, files, local: at, quotable: true };
  };
  const all = trials.flatMap((t) => t.inputs);
  const distinct = new Map(all.map((input) => [local(input).local, input]));
  for (const [at, input] of distinct) if (at !== input.path) await keep(input, at, hashes);
  return local;
}

async function keep({ path, kind, files }: TrialInput, local: string, hashes: FileHashes): Promise<void> {
  for (const file of files) {
    const [from, to] = [placeOf(path, kind, file.path), placeOf(local, kind, file.path)];
    const there = await hashes.hashOf(to).catch(() => null);
    if (there?.hash === file.hash) continue;
    await mkdir(dirname(to), { recursive: true });
    await copyFile(from, `${to}.partial`);
    const { hash } = await hashes.hashOf(`${to}.partial`);
    if (hash !== file.hash) throw new Failure(`${from} changed while it was read; run it again`);
    await rename(`${to}.partial`, to);
  }
}
