import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Split } from './split.js';

/** The knobs that name a task's files. */
export interface SplitFiles {
  path: string;
  validationPath: string | null;
  testPath: string | null;
}

/** Equal for paths that lead to one file, by whatever spelling or link; of what is not there the path. */
export function identityOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false, bigint: true });
  return found ? `${found.dev}/${found.ino}` : resolve(path);
}

const isSame = (a: string, b: string): boolean => identityOf(a) === identityOf(b);

/** Throws where a file is trained on and tested on as well. */
export function refuseSameFile(files: SplitFiles): void {
  for (const knob of ['validationPath', 'testPath'] as const) {
    const path = files[knob];
    if (path !== null && isSame(path, files.path))
      throw new Error(
        `task.${knob} is task.path, ${path}: its rows would be trained on; leave it out, and a part is cut off`,
      );
  }
}

/** A warning where checkpoints are chosen on the rows that are reported. */
export function sharedFile({ validationPath, testPath }: SplitFiles): string[] {
  if (validationPath === null || testPath === null || !isSame(validationPath, testPath)) return [];
  return [`task.validationPath is task.testPath, ${testPath}: checkpoints are chosen on the test rows`];
}

/** The split that a row of the training file goes to: training, where the split that it fell into has a file
 *  of its own. */
export const fileOfSplit = (files: SplitFiles, split: Split): Split =>
  split !== 'train' && files[`${split}Path`] !== null ? 'train' : split;

/** The splits that are cut from the training file with no regard to groups. */
export const cutByRow = ({
  groupBy,
  ...files
}: SplitFiles & { groupBy: string | null }): { validation: boolean; test: boolean } => ({
  validation: groupBy === null && files.validationPath === null,
  test: groupBy === null && files.testPath === null,
});
