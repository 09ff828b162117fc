import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkData, readGridFile } from './grid-file.js';
import { root } from './root.js';

const folder = mkdtempSync(join(tmpdir(), 'backbone-issues-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What a grid of clozes whose texts end so is refused for, on a backbone of the models' fixtures. */
async function refused(backbone: string, end: string): Promise<string> {
  const rows = Array.from({ length: 60 }, (_, i) => `the ${i} cat sat on the [MASK]${end},mat`);
  writeFileSync(join(folder, 'rows.csv'), ['text,word', ...rows].join('\n'));
  const grid = {
    name: 'g',
    backbone: { folder: join(root, 'libs/models/src/fixtures', backbone) },
    task: { name: 'file', kind: 'cloze', path: 'rows.csv', input: '{text}', word: 'word' },
    method: { name: 'lora' },
  };
  writeFileSync(join(folder, 'grid.json'), JSON.stringify(grid));
  return checkData(readGridFile(join(folder, 'grid.json'))).then(
    () => '',
    (error: Error) => error.message,
  );
}

it('refuses a BART in a folder that is to fill an open place', async () => {
  expect(await refused('bart', '')).toMatch(/task\.kind: "cloze", and \S*bart is a BART, .*; expected/);
});

it.each(['gpt2', 'llama'])('refuses a %s where words follow the open place of some row', async (name) => {
  expect(await refused(name, ' of hers.')).toMatch(
    /task\.input: in "the \d+ cat sat on the \{mask\} of hers\.", "of hers\." follows \{mask\}, and \S+ is a decoder/,
  );
});

it.each([
  ['gpt2', '!'],
  ['bert', ' of hers.'],
  ['t5-v1.1', ' of hers.'],
])('takes a %s where the text ends with "%s"', async (name, end) => {
  expect(await refused(name, end)).toBe('');
});
