import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileHashes } from './file-hashes.js';

const folder = mkdtempSync(join(tmpdir(), 'hashes-'));
afterAll(() => rmSync(folder, { recursive: true }));

const cache = join(folder, 'cache');
const hashes = new FileHashes(cache);
const sha = (text: string): string => createHash('sha256').update(text).digest('hex');
const entries = (): number => readdirSync(cache).length;
const old = new Date(Date.now() - 3_600_000);

/** A file that nobody has touched for a while, as far as its times can say. */
async function settled(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  writeFileSync(path, text);
  await new Promise((resolve) => setTimeout(resolve, 2_100)); // a change of its times is a change
  return path;
}

it('sees an edit of equal length within one second', async () => {
  const path = join(folder, 'quick.csv');
  writeFileSync(path, 'aaaa');
  expect(await hashes.hashOf(path)).toEqual({ hash: sha('aaaa'), bytes: 4 });
  writeFileSync(path, 'bbbb');
  expect(await hashes.hashOf(path)).toEqual({ hash: sha('bbbb'), bytes: 4 });
});

it('reads a file once while it stays as it is', async () => {
  const path = await settled('kept.csv', 'kept');
  await hashes.hashOf(path);
  const place = join(cache, createHash('sha256').update(path).digest('hex'));
  const [, stamp] = readFileSync(place, 'utf8').split('\n');
  writeFileSync(place, `${sha('what the cache says')}\n${stamp}\n`);
  expect((await hashes.hashOf(path)).hash).toBe(sha('what the cache says'));
  rmSync(place);
});

it('sees another content although size and time of change were put back', async () => {
  const path = await settled('back.csv', 'before');
  await hashes.hashOf(path);
  const { mtime } = statSync(path);
  writeFileSync(path, 'behind');
  utimesSync(path, mtime, mtime);
  expect((await hashes.hashOf(path)).hash).toBe(sha('behind'));
});

it('sees another file that took its place', async () => {
  const path = await settled('place.csv', 'first');
  await hashes.hashOf(path);
  const other = join(folder, 'other.csv');
  writeFileSync(other, 'secnd');
  utimesSync(other, old, old);
  renameSync(other, path);
  expect((await hashes.hashOf(path)).hash).toBe(sha('secnd'));
});

it('knows a renamed or copied file by the same hash', async () => {
  const path = join(folder, 'a.csv');
  writeFileSync(path, 'same');
  cpSync(path, join(folder, 'b.csv'));
  renameSync(path, join(folder, 'c.csv'));
  const both = await Promise.all(['b.csv', 'c.csv'].map((name) => hashes.hashOf(join(folder, name))));
  expect(both.map((b) => b.hash)).toEqual([sha('same'), sha('same')]);
});

it('hashes on where the cache can hold nothing, or holds rubbish', async () => {
  const path = await settled('rubbish.csv', 'rubbish');
  await hashes.hashOf(path);
  for (const name of readdirSync(cache)) writeFileSync(join(cache, name), 'rubbish');
  expect((await hashes.hashOf(path)).hash).toBe(sha('rubbish'));
  expect((await new FileHashes(join(path, 'no-folder')).hashOf(path)).hash).toBe(sha('rubbish'));
  expect(entries()).toBeGreaterThan(0);
});

it('reads no pipe, device or folder', async () => {
  const pipe = join(folder, 'pipe.csv');
  execFileSync('mkfifo', [pipe]);
  for (const path of [pipe, '/dev/zero', folder])
    await expect(hashes.hashOf(path)).rejects.toThrow('is no file');
});
