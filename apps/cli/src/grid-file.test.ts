import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readGridFile } from './grid-file.js';

const folder = mkdtempSync(join(tmpdir(), 'grid-file-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('places files by the grid file, and leaves labels alone that are called as knobs of files are', () => {
  const path = join(folder, 'grid.json');
  const words = { path: 'road', folder: 'map', tokenizer: 'cutter' };
  const task = { name: 'file', path: 'a.csv', input: '{path}', label: 'folder', labelWords: words };
  const grid = {
    name: 'g',
    backbone: { name: 'minilm-l6' },
    task,
    method: { name: 'head' },
    grid: { 'task.labelWords.path': ['road', 'way'], 'task.testPath': [null, 'b.csv'] },
    baselines: [{ 'task.labelWords': { ...words, path: 'street' } }],
  };
  writeFileSync(path, JSON.stringify(grid));
  const tasks = readGridFile(path).cells.map(({ config }) => config.stage === 'tune' && config.task);
  const read = { ...task, path: join(folder, 'a.csv') };
  expect(tasks).toMatchObject([
    { ...read, testPath: null },
    { ...read, testPath: join(folder, 'b.csv') },
    { ...read, testPath: null, labelWords: { ...words, path: 'way' } },
    { ...read, testPath: join(folder, 'b.csv'), labelWords: { ...words, path: 'way' } },
    { ...read, labelWords: { ...words, path: 'street' } },
  ]);
});

it('refuses a grid file that is no UTF-8, by line, and reads one with a byte order mark', () => {
  const path = join(folder, 'coded.yaml');
  const text =
    'name: g\nbackbone: { name: minilm-l6 }\ntask: { name: wordnet-supersense }\nmethod: { name: head }\n';
  writeFileSync(path, `\ufeff${text}`);
  expect(readGridFile(path).request.name).toBe('g');
  writeFileSync(path, Buffer.from(`# caf\u00e9\n${text}`, 'latin1'));
  expect(() => readGridFile(path)).toThrow(
    `${path}, line 1: byte 5 (0xe9) is not UTF-8; save the file as UTF-8`,
  );
  writeFileSync(path, Buffer.from(`\ufeff${text}`, 'utf16le'));
  expect(() => readGridFile(path)).toThrow(`${path} is text in UTF-16; expected plain text in UTF-8`);
});
