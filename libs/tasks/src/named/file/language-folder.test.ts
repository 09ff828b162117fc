import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inputsOf } from '#contracts/inputs-of.js';
import { Task } from '#contracts/task.js';
import { TuneConfig } from '#contracts/trial.js';
import { dataIssues } from '../../check/data-issues.js';
import { dataFolder, numbered } from '../../fixtures/data-folder.js';
import { loadTask } from '../../load-task.js';

const { folder, write } = dataFolder('language-folder');
const task = (path: string, more: object = {}) => ({
  name: 'file',
  kind: 'language',
  path: join(folder, path),
  files: '*.txt',
  ...more,
});
const load = (...own: Parameters<typeof task>) => loadTask(Task.parse(task(...own)));
type Loaded = ReturnType<typeof load>;
const textsIn = ({ train, validation, test }: Pick<Loaded, 'train' | 'validation' | 'test'>): string[] =>
  [...train, ...validation, ...test].map(({ input }) => input[0]!);

/** `n` files of `lines` lines each. */
function books(name: string, n: number, lines: number, inside = ''): void {
  for (let i = 0; i < n; i++)
    write(`${name}/${inside}${i}.txt`, numbered(lines, (k) => `${inside}book ${i} line ${k}`).join('\n'));
}

async function refusals(...own: Parameters<typeof task>): Promise<string[]> {
  const config = TuneConfig.parse({
    stage: 'tune',
    backbone: { name: 'smollm2-135m' },
    task: task(...own),
    method: { name: 'lora' },
  });
  const found = await dataIssues([{ grid: 'g', config }], { elsewhere: false, largest: Infinity });
  return found.refusals.map(({ knob, message }) => `${knob} ${message.replaceAll(`${folder}/`, '')}`);
}

it('is read file by file, those that the pattern fits', () => {
  books('corpus', 4, 30);
  books('corpus', 2, 30, 'deeper/');
  write('corpus/notes.md', 'not a text of the corpus');
  write('corpus/.hidden.txt', 'not a text of the corpus');
  write('corpus/packed.txt.gz', 'packed line');
  const texts = textsIn(load('corpus'));
  expect(texts.toSorted()).toEqual(
    numbered(4, (i) => numbered(30, (k) => `book ${i} line ${k}`)).flat().toSorted(),
  ); // prettier-ignore
  const all = textsIn(load('corpus', { files: ['*.txt', '*/*.txt', '*.txt.gz'] }));
  expect(all).toHaveLength(181);
  expect(all).toContain('deeper/book 1 line 7');
  expect(all).toContain('packed line');
});

it('is the same whatever folder it lies in and in whatever order its files came there', () => {
  for (const [name, order] of [['one', [0, 1, 2]], ['two', [2, 0, 1]]] as const)
    for (const i of order)
      write(`${name}/${i}.txt`, numbered(40, (k) => `line ${k % 35} of ${i}`).join('\n')); // prettier-ignore
  expect(load('two').hash).toBe(load('one').hash);
});

it('has documents of a file in one split where files are kept whole', () => {
  books('whole', 100, 5);
  const dataset = load('whole', { wholeFiles: true });
  const bookOf = ({ input }: { input: readonly string[] }) => /book \d+/.exec(input[0]!)![0];
  const splits = [dataset.train, dataset.validation, dataset.test].map((own) => new Set(own.map(bookOf)));
  expect(splits.reduce((n, { size }) => n + size, 0)).toBe(100);
  const apart = load('whole');
  expect(new Set(apart.test.map(bookOf)).size).toBeGreaterThan(apart.test.length / 5);
  expect(textsIn(load('whole', { documents: 'file' }))).toHaveLength(100);
});

it('is held out where a folder of its own is named', () => {
  books('train', 3, 30);
  books('held-out', 2, 4);
  const { test } = load('train', { testPath: join(folder, 'held-out') });
  expect(test).toHaveLength(8);
  books('nested', 2, 30, 'all/');
  books('nested', 1, 30);
  expect(() =>
    load('nested', { files: ['*/*.txt', '*.txt'], testPath: join(folder, 'nested/all') }),
  ).toThrow(/task.testPath: .*nested\/all\/0.txt is one of the files of task.path/); // prettier-ignore
});

it('follows links, and ends where they go in a circle', () => {
  books('linked', 1, 60, 'a/');
  symlinkSync('a', join(folder, 'linked/b'));
  symlinkSync('..', join(folder, 'linked/a/up'));
  symlinkSync('0.txt', join(folder, 'linked/a/same.txt'));
  expect(textsIn(load('linked', { files: 'a/*.txt' }))).toHaveLength(120);
  expect(textsIn(load('linked', { files: '*/*/*/*.txt' }))).toHaveLength(2 * 2 * 120); // a or b, up, a or b
});

it('is an input of its own, with the pattern', () => {
  const own = { stage: 'tune', backbone: { name: 'smollm2-135m' }, method: { name: 'lora' } };
  const named = inputsOf(TuneConfig.parse({ ...own, task: task('x', { testPath: '/y' }) }));
  expect(named).toEqual([
    { knob: 'task.path', path: join(folder, 'x'), kind: 'data-folder', files: ['*.txt'] },
    { knob: 'task.testPath', path: '/y', kind: 'data-folder', files: ['*.txt'] },
  ]);
});

describe('is refused by name', () => {
  it('where a file is empty, binary, no text or no file', async () => {
    for (const [name, content] of [
      ['empty', ''],
      ['blank', '\n \n'],
      ['binary', 'a\0b'],
      ['latin', Buffer.from([0x61, 0xe9, 0x0a])],
    ] as const) {
      books(name, 2, 30);
      writeFileSync(join(folder, name, 'bad.txt'), content);
    }
    books('odd', 2, 30);
    mkdirSync(join(folder, 'odd/bad.txt'));
    expect(await refusals('empty')).toEqual(['task.path empty/bad.txt is empty; expected a data file']);
    expect(await refusals('blank')).toEqual(['task the data file blank/bad.txt is empty']);
    expect(await refusals('binary')).toEqual([
      'task binary/bad.txt, line 1: byte 1 is NUL; expected plain text',
    ]);
    expect((await refusals('latin'))[0]).toMatch(/^task latin\/bad.txt, line 1: byte 1 \(0xe9\) is not/);
    expect((await refusals('odd'))[0]).toMatch(/^task.path odd\/bad.txt is a folder; expected a data file/);
    expect((await refusals('odd', { files: null }))[0]).toMatch(/odd is a folder.*task.files says which/);
    expect((await refusals('odd', { files: '*.md' }))[0]).toMatch(/^task.path odd\/\*.md does not exist/);
  });

  it.each([
    [{ files: '../*.txt' }, /files.*expected a path below the folder/s],
    [{ files: [] }, /files/],
    [{ files: null, wholeFiles: true }, /wholeFiles.*task.files names none; leave it out/s],
  ])('where it is said wrongly: %j', (more, message) => {
    expect(() => Task.parse(task('x', more))).toThrow(message);
  });
});
