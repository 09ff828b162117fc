import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const fileOf = (root: string): string => join(root, 'password');
const whole = /^[0-9a-f]{48}$/; // 24 bytes, as newPassword gives them

export const newPassword = (): string => randomBytes(24).toString('hex');

/** What the file `password` of this folder holds; null where there is none, or where a crash or a full disk
 *  damaged it. */
export function readPassword(root: string): string | null {
  try {
    const text = readFileSync(fileOf(root), 'utf8').trim();
    return whole.test(text) ? text : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Written beside, brought to the disk and renamed: whoever reads finds the old one or the new one, whenever
 *  the machine stops. */
export function writePassword(root: string, password: string): void {
  const fresh = `${fileOf(root)}.${process.pid}`;
  try {
    const file = openSync(fresh, 'w', 0o600);
    try {
      writeSync(file, password);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(fresh, fileOf(root));
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
  const folder = openSync(root, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
