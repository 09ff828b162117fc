import { createHash, randomUUID } from 'node:crypto';
import { constants, createReadStream, createWriteStream } from 'node:fs';
import { access, mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Files by the sha256 of their content, so that what is there is complete and is kept once. It knows no trial: the database says which
 *  files make up a checkpoint. */
export interface Store {
  root: string; // holds sha256/ab/abcd…, and tmp/ for what is being written
}

export interface StoredFile {
  path: string; // below its folder, with '/'
  hash: string;
  bytes: number;
}

export interface StoredTree {
  hash: string; // over the files' paths and hashes
  bytes: number;
  files: StoredFile[]; // by path
}

/** The store in the folder `root`, made if need be. */
export async function openStore(root: string): Promise<Store> {
  await mkdir(join(root, 'tmp'), { recursive: true });
  await mkdir(join(root, 'sha256'), { recursive: true });
  return { root };
}

/** Stores every file below `folder`; content that is there already is not written again. When it returns all is on disk for good. Throws
 *  where the folder holds a link or has no file. */
export async function putFolder(store: Store, folder: string): Promise<StoredTree> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const odd = entries.find((entry) => !entry.isFile() && !entry.isDirectory());
  if (odd) throw new Error(`${join(odd.parentPath, odd.name)} is neither a file nor a folder; a checkpoint holds nothing else`);
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)).toSorted(); // prettier-ignore
  if (paths.length === 0) throw new Error(`${folder} holds no file to store`);
  const files: StoredFile[] = [];
  for (const path of paths) files.push({ path: relative(folder, path).split(sep).join('/'), ...(await putFile(store, path)) });
  const hash = createHash('sha256').update(JSON.stringify(files.map((f) => [f.path, f.hash]))).digest('hex'); // prettier-ignore
  return { hash, bytes: files.reduce((sum, f) => sum + f.bytes, 0), files };
}

/** One file's content into the store. */
export async function putFile(store: Store, path: string): Promise<{ hash: string; bytes: number }> {
  const temporary = join(store.root, 'tmp', randomUUID());
  try {
    const written = await copyHashed(path, temporary);
    const place = placeOf(store, written.hash);
    if (!(await keepsWhole(place, written.bytes))) await settle(temporary, place);
    return written;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Into place by rename, and the folder's entry made to last. */
export async function settle(temporary: string, place: string): Promise<void> {
  const folder = dirname(place);
  await mkdir(folder, { recursive: true });
  await rename(temporary, place);
  await flush(folder);
}

async function flush(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function copyHashed(from: string, to: string): Promise<{ hash: string; bytes: number }> {
  const digest = createHash('sha256');
  let bytes = 0;
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      digest.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  await pipeline(createReadStream(from), measure, createWriteStream(to, { flags: 'wx', flush: true }));
  return { hash: digest.digest('hex'), bytes };
}

export const isWhole = (place: string, bytes: number): Promise<boolean> => stat(place).then((s) => s.size === bytes, () => false); // prettier-ignore

/** Whether a content of this size lies there. It is then young again, before it is looked at: about to be referenced. */
export async function keepsWhole(place: string, bytes: number): Promise<boolean> {
  const now = new Date();
  try {
    await utimes(place, now, now);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
  return isWhole(place, bytes);
}

/** Where a content lies, or would. */
export function placeOf(store: Store, hash: string): string {
  if (!/^[0-9a-f]{64}$/.test(hash)) throw new Error(`"${hash}" is no sha256 in hexadecimal`);
  return join(store.root, 'sha256', hash.slice(0, 2), hash);
}

/** What the store holds under a hash is missing or is not what was stored. */
export class DamagedArtifact extends Error {}

/** Copies files out of the store to their paths below `into`, checking every hash. Throws DamagedArtifact naming the file; `into` may then
 *  hold a part. A damaged file is removed, so that storing it again mends the store. */
export async function fetchFolder(store: Store, files: readonly StoredFile[], into: string): Promise<void> {
  const root = resolve(into);
  for (const { path, hash } of files) {
    const target = resolve(root, path);
    if (!target.startsWith(root + sep)) throw new Error(`the checkpoint's file "${path}" would be written outside ${into}`);
    await mkdir(dirname(target), { recursive: true });
    await rm(target, { force: true });
    await fetchFile(store, { path, hash }, target);
  }
}

async function fetchFile(store: Store, { path, hash }: { path: string; hash: string }, target: string): Promise<void> {
  const place = placeOf(store, hash);
  await access(place).catch((cause: Error) => {
    throw new DamagedArtifact(`the store has no file ${hash} (${path})`, { cause });
  });
  const { hash: found } = await copyHashed(place, target);
  if (found === hash) return;
  await rm(place, { force: true });
  await rm(target, { force: true });
  throw new DamagedArtifact(`the stored file ${hash} (${path}) is damaged: its content has the hash ${found}`);
}

/** A stored file's bytes for download, verified before the first is given; null where there is none. Throws DamagedArtifact where
 *  the content is another: the file is then removed, so that storing it again mends the store. */
export async function openFile(store: Store, hash: string): Promise<{ stream: Readable; bytes: number } | null> {
  const place = placeOf(store, hash);
  const handle = await open(place, constants.O_RDONLY).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (!handle) return null;
  try {
    const digest = createHash('sha256');
    for await (const chunk of handle.createReadStream({ start: 0, autoClose: false })) digest.update(chunk as Buffer);
    const found = digest.digest('hex');
    if (found === hash) return { stream: handle.createReadStream({ start: 0 }), bytes: (await handle.stat()).size };
    await rm(place, { force: true });
    throw new DamagedArtifact(`the stored file ${hash} is damaged: its content has the hash ${found}`);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** The files of which the store has none of the right size: a cheap look, without reading them. */
export async function missingFiles(store: Store, files: readonly StoredFile[]): Promise<StoredFile[]> {
  const there = await Promise.all(files.map(({ hash, bytes }) => isWhole(placeOf(store, hash), bytes)));
  return files.filter((_, i) => !there[i]);
}

/** Removes files that nothing refers to and that are older than `graceMs`: younger ones may belong to a checkpoint that is just being
 *  recorded. Read the references before calling. Returns what was removed. */
export async function collectGarbage(
  store: Store,
  referenced: ReadonlySet<string>,
  graceMs = 3_600_000,
): Promise<{ files: number; bytes: number }> {
  const removed = { files: 0, bytes: 0 };
  const oldest = Date.now() - graceMs;
  for (const entry of await readdir(store.root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || referenced.has(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    if (await isYoung(path, oldest)) continue;
    const aside = join(store.root, 'tmp', randomUUID());
    if (!(await moved(path, aside))) continue;
    if (await isYoung(aside, oldest)) {
      await moved(aside, path); // somebody asked for it between the two looks, and counts on it
      continue;
    }
    removed.bytes += (await stat(aside)).size;
    removed.files++;
    await rm(aside, { force: true });
  }
  return removed;
}

/** What is gone is nobody's to remove. */
const isYoung = (path: string, oldest: number): Promise<boolean> => stat(path).then((s) => s.mtimeMs > oldest, () => true); // prettier-ignore

const moved = (from: string, to: string): Promise<boolean> => rename(from, to).then(() => true, () => false); // prettier-ignore
