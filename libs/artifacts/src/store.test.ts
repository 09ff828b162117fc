import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DamagedArtifact } from './faults.js';
import type { Folder } from './folder.js';
import {
  collectGarbage,
  fetchFolder,
  hasContent,
  missingFiles,
  openFile,
  openStore,
  putFolder,
  type Store,
  type StoredFile,
} from './store.js';

let root: string;
let store: Store<Folder>;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'peftgrid-store-'));
  store = await openStore(join(root, 'store'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function folderOf(files: Record<string, string>): string {
  const folder = mkdtempSync(join(root, 'in-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

const stored = (): string[] =>
  readdirSync(join(store.place.root, 'sha256'), { recursive: true, encoding: 'utf8' }).filter(
    (p) => p.length > 60,
  );
const placeOf = (hash: string): string => store.place.pathOf(hash);

describe('putFolder', () => {
  it('gives back what was stored, whatever lay at the target', async () => {
    const tree = await putFolder(store, folderOf({ 'a.txt': 'abc', 'deep/b.bin': 'x'.repeat(200_000) }));
    expect(tree.files.map((f) => f.path)).toEqual(['a.txt', 'deep/b.bin']);
    // FIPS 180-2, "abc"
    expect(tree.files[0]!.hash).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(tree.bytes).toBe(200_003);
    const out = folderOf({ 'a.txt': 'something older' });
    await fetchFolder(store, tree.files, out);
    expect(readFileSync(join(out, 'a.txt'), 'utf8')).toBe('abc');
    expect(readFileSync(join(out, 'deep/b.bin'), 'utf8')).toHaveLength(200_000);
  });

  it('keeps equal content once, leaves nothing behind, and names folders by content and paths', async () => {
    const one = await putFolder(store, folderOf({ a: 'same', b: 'same' }));
    const two = await putFolder(store, folderOf({ c: 'same' }));
    const three = await putFolder(store, folderOf({ a: 'same', b: 'same' }));
    expect(stored()).toHaveLength(1);
    expect(three.hash).toBe(one.hash);
    expect(two.hash).not.toBe(one.hash);
    expect(readdirSync(join(store.place.root, 'tmp'))).toEqual([]);
  });

  it('refuses links and empty folders', async () => {
    const folder = folderOf({ a: 'x' });
    symlinkSync('/etc/passwd', join(folder, 'link'));
    await expect(putFolder(store, folder)).rejects.toThrow(/neither a file nor a folder/);
    await expect(putFolder(store, folderOf({}))).rejects.toThrow(/holds no file/);
  });
});

describe('fetchFolder', () => {
  it('notices a flipped byte and a truncated file, and storing again mends them', async () => {
    const source = folderOf({ weights: 'precious' });
    for (const damage of ['preciouz', 'preci']) {
      const { files } = await putFolder(store, source);
      writeFileSync(placeOf(files[0]!.hash), damage);
      await expect(fetchFolder(store, files, folderOf({}))).rejects.toThrow(DamagedArtifact);
      await expect(fetchFolder(store, files, folderOf({}))).rejects.toThrow(
        /the store has no file .* \(weights\)/,
      );
    }
    const { files } = await putFolder(store, source);
    await fetchFolder(store, files, folderOf({}));
  });

  it('writes nothing outside its target', async () => {
    const { files } = await putFolder(store, folderOf({ a: 'x' }));
    await expect(
      fetchFolder(store, [{ ...files[0]!, path: '../out' }], join(root, 'target')),
    ).rejects.toThrow(/outside/);
    expect(existsSync(join(root, 'out'))).toBe(false);
  });
});

describe('openFile', () => {
  it('streams a file, knows what is not there, and takes no path for a hash', async () => {
    const { files } = await putFolder(store, folderOf({ a: 'hello' }));
    const found = await openFile(store, files[0]!.hash);
    expect(found!.bytes).toBe(5);
    expect(Buffer.concat(await found!.stream.toArray()).toString()).toBe('hello');
    expect(await openFile(store, 'f'.repeat(64))).toBeNull();
    await expect(openFile(store, '../../etc/passwd')).rejects.toThrow(/no sha256/);
  });

  it.each(['hellO', 'hell', ''])(
    'gives no byte of a file that is damaged (%j), and forgets it',
    async (damage) => {
      const { files } = await putFolder(store, folderOf({ a: 'hello' }));
      writeFileSync(placeOf(files[0]!.hash), damage);
      expect(await missingFiles(store, files)).toEqual(damage.length === 5 ? [] : files);
      await expect(openFile(store, files[0]!.hash)).rejects.toThrow(DamagedArtifact);
      expect(await openFile(store, files[0]!.hash)).toBeNull();
      expect(await missingFiles(store, files)).toEqual(files);
    },
  );
});

describe('collectGarbage', () => {
  it('removes only what is old and not referenced', async () => {
    const kept = await putFolder(store, folderOf({ a: 'kept' }));
    const lost = await putFolder(store, folderOf({ a: 'lost' }));
    const referenced = new Set(kept.files.map((f) => f.hash));
    expect(await collectGarbage(store, referenced)).toEqual({ files: 0, bytes: 0 });
    const old = { graceMs: -1000 };
    expect(await collectGarbage(store, referenced, { ...old, dryRun: true })).toEqual({ files: 1, bytes: 4 });
    expect(await missingFiles(store, lost.files)).toEqual([]);
    expect(await collectGarbage(store, referenced, old)).toEqual({ files: 1, bytes: 4 });
    expect(await openFile(store, lost.files[0]!.hash)).toBeNull();
    await fetchFolder(store, kept.files, folderOf({}));
  });

  it('removes nothing that is put, or asked for, while it removes', async () => {
    const source = folderOf({ a: 'wanted' });
    const { files } = await putFolder(store, source);
    const [file] = files as [StoredFile];
    const day = 24 * 3_600_000;
    for (let i = 0; i < 300; i++) {
      const old = new Date(Date.now() - 2 * day);
      if (existsSync(placeOf(file.hash))) utimesSync(placeOf(file.hash), old, old);
      const [there] = await Promise.all([
        hasContent(store, file),
        collectGarbage(store, new Set(), { graceMs: day }),
        ...(i % 2 ? [putFolder(store, source)] : []),
      ]);
      if (there || i % 2) expect(await missingFiles(store, files)).toEqual([]);
      else await putFolder(store, source);
    }
    expect(readdirSync(join(store.place.root, 'tmp'))).toEqual([]);
  }, 60_000);
});
