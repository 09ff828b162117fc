import { rm, stat } from 'node:fs/promises';
import type { Folder } from './folder.js';

const inUseMs = 10 * 60_000; // somebody may be reading what was asked for since

/** Removes copies, those first that were used longest ago, until about `mostBytes` are left. */
export async function trimCopies(folder: Folder, mostBytes: number): Promise<void> {
  const copies: { path: string; bytes: number; usedAt: number }[] = [];
  for await (const { hash, bytes } of folder.contents()) {
    const path = folder.pathOf(hash);
    const usedAt = await stat(path).then((s) => s.mtimeMs, () => Infinity); // prettier-ignore
    copies.push({ path, bytes, usedAt });
  }
  let left = copies.reduce((sum, copy) => sum + copy.bytes, 0);
  for (const { path, bytes, usedAt } of copies.toSorted((a, b) => a.usedAt - b.usedAt)) {
    if (left <= mostBytes || usedAt > Date.now() - inUseMs) return;
    await rm(path, { force: true });
    left -= bytes;
  }
}
