import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CellView } from '#contracts/experiment.js';
import { Failure } from './failure.js';

/** What `peftgrid run` leaves for table and export, beside the trials' own folders. */
export interface RunFolder {
  name: string;
  cells: CellView[]; // as a server would show them; `id` is GRID/INDEX, `trialId` the trial's key
}

const fileName = 'cells.json';

export function writeRunFolder(folder: string, run: RunFolder): void {
  writeFileSync(join(folder, fileName), JSON.stringify(run, undefined, 2));
}

/** null: no run has left anything at `path`. Throws Failure for a path with a slash that is a folder of
 *  something else, and for a damaged one. */
export function readRunFolder(path: string): RunFolder | null {
  if (!existsSync(path) || !statSync(path).isDirectory()) return null;
  const file = join(path, fileName);
  if (!existsSync(file)) {
    if (!path.includes('/')) return null; // an experiment may have the name of a folder here
    throw new Failure(`the folder ${path} holds no ${fileName}: no ./peftgrid run has written it`);
  }
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as RunFolder;
  } catch (cause) {
    throw new Failure(
      `${file} is damaged; the same ./peftgrid run writes it anew, and trains nothing twice`,
      [],
      { cause },
    );
  }
}
