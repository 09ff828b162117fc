import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Task } from '#contracts/task.js';
import { TuneConfig } from '#contracts/trial.js';
import { majority, naiveBayes } from './kinds/class-references.js';
import type { Example } from './example.js';
import { dataIssues } from './check/data-issues.js';
import { scoresOf } from './dataset.js';
import { joined } from './example.js';
import { ofKind } from './fixtures/answers.js';
import { loadTask } from './load-task.js';
import { readRecords, readRecordsInTurns } from './reading/read-records.js';
import { supersenseSizes } from './named/wordnet-supersense.js';

const folder = mkdtempSync(join(tmpdir(), 'tasks-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('wordnet-supersense', () => {
  const whole = ofKind('class', loadTask(Task.parse({ name: 'wordnet-supersense' })));

  it('has as many examples as grids are held against, and one more is refused', async () => {
    const { train, validation, test } = whole;
    expect({ train: train.length, validation: validation.length, test: test.length }).toEqual(
      supersenseSizes,
    );
    const asked = (test: number) => {
      const task = { name: 'wordnet-supersense', test };
      const config = TuneConfig.parse({
        stage: 'tune',
        backbone: { name: 'minilm-l6' },
        task,
        method: { name: 'head' },
      });
      return dataIssues([{ grid: 'g', config }], { elsewhere: false, largest: 1e6 }).then((r) => r.refusals);
    };
    expect(await asked(4951)).toEqual([]);
    expect((await asked(4952)).map(({ knob, message }) => `${knob}: ${message}`)).toEqual([
      'task: task.test asks for 4952 examples, and there are 4951',
    ]);
  });
  const small = ofKind('class', loadTask(Task.parse({ name: 'wordnet-supersense', train: 1000 })));

  it('has the examples and baselines that were measured independently', () => {
    const { train, validation, test } = whole;
    expect(train.length + validation.length + test.length).toBe(51267);
    expect(scoresOf(whole, 'test', { said: majority(whole) })['accuracy']).toBeCloseTo(0.22, 2);
    expect(Math.abs(scoresOf(whole, 'test', { said: naiveBayes(whole) })['accuracy']! - 0.896)).toBeLessThan(
      0.01,
    );
    expect(Math.abs(scoresOf(small, 'test', { said: naiveBayes(small) })['accuracy']! - 0.731)).toBeLessThan(
      0.015,
    );
  });

  it('keeps synsets apart and takes nested subsets', () => {
    const ids = (name: 'train' | 'validation' | 'test') => new Set(whole[name].map((e) => e.id));
    const train = ids('train');
    expect([...ids('validation'), ...ids('test')].some((id) => train.has(id))).toBe(false);
    const fewer = loadTask(Task.parse({ name: 'wordnet-supersense', train: 100 }));
    expect(small.train.slice(0, 100)).toEqual(fewer.train);
    expect(small.hash).not.toBe(fewer.hash);
  });

  it('draws other training examples for every draw, nested within larger subsets, and tests on the same', () => {
    const drawn = (train: number, draw: number) =>
      loadTask(Task.parse({ name: 'wordnet-supersense', train, draw, test: 20 }));
    const [first, second, third] = [0, 1, 2].map((draw) => drawn(50, draw));
    expect(first!.train).toEqual(small.train.slice(0, 50)); // what no draw was asked of before
    for (const draw of [1, 2])
      expect(drawn(100, draw).train.slice(0, 50)).toEqual([second, third][draw - 1]!.train);
    const ids = [first, second, third].map((d) => new Set(d!.train.map((e) => e.id)));
    // of 41,194 examples two independent draws of 50 share 0.06 on average
    expect([...ids[0]!].filter((id) => ids[1]!.has(id)).length).toBeLessThan(3);
    expect([...ids[1]!].filter((id) => ids[2]!.has(id)).length).toBeLessThan(3);
    expect([second!.test, second!.validation]).toEqual([first!.test, first!.validation]);
    expect(new Set([first!.hash, second!.hash, third!.hash]).size).toBe(3);
  });

  it('says how many examples there are where more are asked for', () => {
    expect(() => loadTask(Task.parse({ name: 'wordnet-supersense', test: 1e6 }))).toThrow(
      /task.test asks for 1000000 examples, and there are 4951/,
    );
  });
});

describe('a file of the user', () => {
  const write = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const rows = Array.from({ length: 60 }, (_, i) => ({
    text: `review, number "${i}"`,
    mood: i % 3 === 0 ? 'bad' : 'good',
    movie: i % 30,
  }));
  const jsonl = write('reviews.jsonl', rows.map((r) => JSON.stringify(r)).join('\n'));
  const quoted = (s: string) => `"${s.replaceAll('"', '""')}"`;
  const csv = write(
    'reviews.csv',
    ['text,mood,movie', ...rows.map((r) => `${quoted(r.text)},${r.mood},${r.movie}`)].join('\n'),
  );
  const load = (more: object) =>
    loadTask(Task.parse({ name: 'file', path: jsonl, input: 'review: {text}', label: 'mood', ...more }));

  it('reads the same from JSONL and CSV', () => {
    const texts = (d: ReturnType<typeof load>) => d.train.map((e) => joined(e.input)).toSorted();
    expect(texts(load({ path: csv }))).toEqual(texts(load({})));
    expect(load({}).train[0]!.input[0]).toMatch(/^review: review, number "\d+"$/);
    expect(load({}).labels).toEqual(['bad', 'good']);
  });

  it('has the same rows read at once and in turns', async () => {
    // across pieces, within characters and quotes
    const torn = write('torn.csv', `text,mood\n${'"ü, “𝄞”\n""x""",good\n'.repeat(9000)}`);
    for (const path of [jsonl, csv, torn]) expect(await readRecordsInTurns(path)).toEqual(readRecords(path));
    await expect(readRecordsInTurns(write('odd.csv', 'a,b\n1,2,3\n'))).rejects.toThrow(
      /odd.csv, line 2: 3 columns, and the header has 2/,
    );
  });

  it('is the same wherever the file lies and whatever it is called', () => {
    const other = write('renamed.jsonl', rows.map((r) => JSON.stringify(r)).join('\n'));
    const [here, there] = [load({}), load({ path: other })];
    for (const split of ['train', 'validation', 'test'] as const) expect(there[split]).toEqual(here[split]);
    expect(there.hash).toBe(here.hash);
    expect(load({ path: csv }).train.map((e) => e.input)).toEqual(here.train.map((e) => e.input));
  });

  it('keeps equal rows apart, in any number', () => {
    const twice = write('twice.jsonl', [...rows, ...rows].map((r) => JSON.stringify(r)).join('\n'));
    const { train, validation, test } = load({ path: twice });
    expect(new Set([...train, ...validation, ...test].map((e) => e.id)).size).toBe(120);
  });

  it('keeps groups together', () => {
    const { train, test, validation } = load({ groupBy: 'movie' });
    const groups = (es: readonly Pick<Example, 'group'>[]) => new Set(es.map((e) => e.group));
    expect([...groups([...test, ...validation])].some((g) => groups(train).has(g))).toBe(false);
  });

  it('names the label words', () => {
    expect(load({ labelWords: { good: 'great', bad: 'terrible' } }).labelWords).toEqual([
      'great',
      'terrible',
    ]);
  });

  it.each([
    ['a missing file', { path: '/nowhere/x.csv' }, /the data file \/nowhere\/x.csv does not exist/],
    ['an empty file', { path: write('empty.csv', '') }, /empty.csv is empty/],
    [
      'a column that is not there',
      { label: 'label' },
      /no column "label", which task.label names; there are text, mood, movie/,
    ],
    ['a slot that is not there', { input: '{body}' }, /no column "body", which task.input names/],
    ['a template without a slot', { input: 'text' }, /no slot/],
    [
      'a label word for no label',
      { labelWords: { good: 'g', bad: 'b', odd: 'o' } },
      /task.labelWords names "odd"/,
    ],
    ['a label without a word', { labelWords: { good: 'g' } }, /line 1: the label "bad" is none of good/],
    [
      'broken JSON',
      { path: write('broken.jsonl', '{"text": "a"}\n{"text') },
      /broken.jsonl, line 2: not JSON/,
    ],
    [
      'a row without a label',
      { path: write('hole.csv', 'text,mood\na,good\nb,\n') },
      /hole.csv, line 3: no label/,
    ],
  ])('refuses %s', (_what, more, message) => {
    expect(() => load(more)).toThrow(message);
  });
});
