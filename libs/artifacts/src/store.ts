import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rm } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DamagedArtifact, MissingArtifact, StoreFault } from './faults.js';
import { Folder } from './folder.js';
import { trimCopies } from './local-copies.js';
import { patiently, type Patience } from './patience.js';
import type { Collected, Content, KeptPlace, Place } from './place.js';

/** Files by the sha256 of their content, so that what is there is complete and is kept once. Every read is
 *  held to its hash. It knows no trial: the database says which files make up a checkpoint. */
export interface Store<P extends Place = Place> {
  place: P;
  /** On this machine: where files are written before they are put. Of a place that is no folder also copies
   *  of what was read. */
  local: Folder;
  patience: Patience; // with a place that is away
  copiesBytes: number; // that copies may take on this machine, about
}

export interface StoredFile extends Content {
  path: string; // below its folder, with '/'
}

export interface StoredTree {
  hash: string; // over the files' paths and hashes
  bytes: number;
  files: StoredFile[]; // by path
}

/** The store in the folder `root`, made if need be. */
export async function openStore(root: string): Promise<Store<Folder>> {
  const folder = await Folder.open(root);
  return { place: folder, local: folder, patience: { ms: 0 }, copiesBytes: Infinity };
}

/** Stores every file below `folder`; content that is there already is not written again. When it returns all
 *  is there for good. Throws where the folder holds a link or has no file, StoreFault where the store cannot
 *  be used. */
export async function putFolder(store: Store, folder: string): Promise<StoredTree> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const odd = entries.find((entry) => !entry.isFile() && !entry.isDirectory());
  if (odd)
    throw new Error(
      `${join(odd.parentPath, odd.name)} is neither a file nor a folder; a checkpoint holds nothing else`,
    );
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
  if (paths.length === 0) throw new Error(`${folder} holds no file to store`);
  const files: StoredFile[] = [];
  for (const path of paths)
    files.push({ path: relative(folder, path).split(sep).join('/'), ...(await putFile(store, path)) });
  const hash = createHash('sha256')
    .update(JSON.stringify(files.map((f) => [f.path, f.hash])))
    .digest('hex');
  return { hash, bytes: files.reduce((sum, f) => sum + f.bytes, 0), files };
}

/** One file's content into the store. */
export async function putFile({ place, local, patience }: Store, path: string): Promise<Content> {
  const file = local.temporary();
  try {
    const { hash, bytes } = await copyHashed(createReadStream(path), file);
    await patiently(place, patience, async () => {
      if ((await place.renew(hash)) !== bytes) await place.write({ hash, file, bytes });
    });
    return { hash, bytes };
  } finally {
    await rm(file, { force: true });
  }
}

/** Writes a stream to a new file. Returns what it held. */
export async function copyHashed(from: Readable, to: string): Promise<Content> {
  const digest = createHash('sha256');
  let bytes = 0;
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      digest.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  await pipeline(from, measure, createWriteStream(to, { flags: 'wx', flush: true }));
  return { hash: digest.digest('hex'), bytes };
}

/** Whether content of this hash and size is there. It is then young again: about to be referenced. */
export async function hasContent({ place, patience }: Store, { hash, bytes }: Content): Promise<boolean> {
  return (await patiently(place, patience, () => place.renew(hash))) === bytes;
}

/** Copies files out of the store to their paths below `into`, checking every hash. Throws DamagedArtifact
 *  naming the file, StoreFault where the store cannot be used; `into` may then hold a part. A damaged file is
 *  removed, so that storing it again mends the store. */
export async function fetchFolder(store: Store, files: readonly StoredFile[], into: string): Promise<void> {
  const root = resolve(into);
  for (const { path, hash } of files) {
    const target = resolve(root, path);
    if (!target.startsWith(root + sep))
      throw new Error(`the checkpoint's file "${path}" would be written outside ${into}`);
    await mkdir(dirname(target), { recursive: true });
    await fetchFile(store, { hash, called: `${hash} (${path})` }, target);
  }
}

const tries = 2; // bytes may change on their way

/** A content into a file, verified. */
export async function fetchFile(
  { place, patience }: Store,
  { hash, called }: { hash: string; called: string },
  target: string,
): Promise<void> {
  let found = '';
  for (let attempt = 1; attempt <= tries; attempt++) {
    found = await patiently(place, patience, async () => {
      await rm(target, { force: true });
      const stream = await place.read(hash);
      if (!stream) throw new MissingArtifact(hash, `the store has no file ${called}`);
      return (await copyHashed(stream, target)).hash;
    });
    if (found === hash) return;
  }
  await rm(target, { force: true });
  if (await patiently(place, patience, () => place.forget(hash)))
    throw new DamagedArtifact(
      hash,
      `the stored file ${called} is damaged: its content has the hash ${found}`,
    );
  const sentence = `the artifact store ${place.name} verified ${called}, and other bytes came: they change on their way`;
  throw new StoreFault('refused', sentence);
}

/** Where a content lies on this machine; null: the store has none. Of a place that is no folder it is copied
 *  here first. */
export async function localPath(store: Store, hash: string): Promise<string | null> {
  const { place, local, copiesBytes } = store;
  const path = local.pathOf(hash);
  if (place === local) return (await local.sizes([hash])).has(hash) ? path : null;
  if ((await local.renew(hash)) !== null) return path;
  const file = local.temporary();
  try {
    await fetchFile(store, { hash, called: hash }, file);
    await local.write({ hash, file });
    await trimCopies(local, copiesBytes);
    return path;
  } catch (error) {
    if (error instanceof MissingArtifact) return null;
    throw error;
  } finally {
    await rm(file, { force: true });
  }
}

/** A stored file's bytes for download, verified before the first is given; null where there is none. Throws
 *  DamagedArtifact where the content is another: the file is then removed, so that storing it again mends the
 *  store. */
export async function openFile(
  store: Store,
  hash: string,
): Promise<{ stream: Readable; bytes: number } | null> {
  for (let isCopy = store.place !== store.local; ; isCopy = false) {
    const path = await localPath(store, hash);
    const handle = path === null ? null : await open(path, 'r').catch(absent);
    if (!handle) return null;
    try {
      const digest = createHash('sha256');
      for await (const chunk of handle.createReadStream({ start: 0, autoClose: false }))
        digest.update(chunk as Buffer);
      const found = digest.digest('hex');
      if (found === hash)
        return { stream: handle.createReadStream({ start: 0 }), bytes: (await handle.stat()).size };
      await store.local.forget(hash);
      if (!isCopy)
        throw new DamagedArtifact(
          hash,
          `the stored file ${hash} is damaged: its content has the hash ${found}`,
        );
      await handle.close();
    } catch (error) {
      await handle.close();
      throw error;
    }
  }
}

function absent(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}

/** The files of which the store has none of the right size: a cheap look, without reading them. */
export async function missingFiles(
  { place, patience }: Store,
  files: readonly StoredFile[],
): Promise<StoredFile[]> {
  const hashes = [...new Set(files.map((file) => file.hash))];
  const sizes = await patiently(place, patience, () => place.sizes(hashes));
  return files.filter(({ hash, bytes }) => sizes.get(hash) !== bytes);
}

/** Removes files that nothing refers to and that are older than `graceMs`: younger ones may belong to a
 *  checkpoint that is just being recorded. Read the references before calling. Returns what was removed, or
 *  with `dryRun` what would be. */
export function collectGarbage(
  { place, patience }: Store<KeptPlace>,
  keep: ReadonlySet<string>,
  { graceMs = 3_600_000, dryRun = false } = {},
): Promise<Collected> {
  return patiently(place, patience, () => place.collect({ keep, before: Date.now() - graceMs, dryRun }));
}
