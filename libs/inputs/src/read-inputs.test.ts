import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileHashes } from './file-hashes.js';
import { inputAt } from './read-inputs.js';

const folder = mkdtempSync(join(tmpdir(), 'read-inputs-'));
afterAll(() => rmSync(folder, { recursive: true }));

const hashes = new FileHashes(join(folder, 'cache'));
const at = (path: string, files: string[]) =>
  inputAt({ knob: 'task.path', path, kind: 'data-folder', files }, hashes);

it('hashes what of a data folder is named or fits a pattern', async () => {
  const data = join(folder, 'data');
  mkdirSync(join(data, 'train', 'one'), { recursive: true });
  for (const file of ['train/one/b.xml', 'train/one/a.xml', 'train/one/notes.txt', 'test.xml'])
    writeFileSync(join(data, file), file);
  const { files } = await at(data, ['train/*/*.xml', 'test.xml']);
  expect(files.map(({ path }) => path)).toEqual(['test.xml', 'train/one/a.xml', 'train/one/b.xml']);
  const outside = at(join(folder, 'none'), ['*.xml']);
  await expect(outside).rejects.toMatchObject({ code: 'ENOENT' });
  await expect(at(data, ['dev/*/*.xml', 'test.xml'])).rejects.toThrow(/data holds no file dev\/\*\/\*.xml/);
  await expect(at(data, ['train/*/*.xml', 'other.xml'])).rejects.toThrow(/other.xml/);
});
