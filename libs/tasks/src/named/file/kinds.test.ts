import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Task } from '#contracts/task.js';
import { TuneConfig } from '#contracts/trial.js';
import { dataIssues } from '../../check/data-issues.js';
import { scoresOf } from '../../dataset.js';
import { ofKind } from '../../fixtures/answers.js';
import { loadTask } from '../../load-task.js';

const folder = mkdtempSync(join(tmpdir(), 'file-kinds-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;

/** A file of these rows as JSON lines. */
function fileOf(rows: readonly object[], ending = 'jsonl'): string {
  const path = join(folder, `rows-${files++}.${ending}`);
  const text = rows.map((row) => JSON.stringify(row)).join('\n');
  writeFileSync(path, ending.endsWith('.gz') ? gzipSync(text) : text);
  return path;
}

const load = (task: object) => loadTask(Task.parse({ name: 'file', ...task }));
const numbered = <T>(n: number, row: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => row(i));

describe('a file of choices', () => {
  const usual = { kind: 'choice', input: '{q}', choices: ['a', 'b'], label: 'right' };
  const rows = numbered(40, (i) => ({
    q: `question ${i}?`,
    a: `yes ${i}`,
    b: `no, not ${i}`,
    right: i % 4 === 0 ? 0 : 1,
  }));
  const everything = (task: object) => {
    const { train, validation, test } = ofKind('choice', load(task));
    return [...train, ...validation, ...test].map(({ input, answer }) => ({ input, answer }));
  };

  it('has its rows’ own choices, however they are listed and numbered', () => {
    const listed = rows.map(({ a, b, right, q }) => ({ q, options: [a, b], right }));
    const fromOne = rows.map((row) => ({ ...row, right: row.right + 1 }));
    const byText = rows.map(({ right, ...row }) => ({ ...row, right: right === 0 ? row.a : row.b }));
    const first = everything({ ...usual, path: fileOf(rows) });
    expect(first).toContainEqual({
      input: ['question 0?'],
      answer: { choices: ['yes 0', 'no, not 0'], right: 0 },
    });
    const sorted = (all: typeof first) => all.toSorted((x, y) => (x.input[0]! < y.input[0]! ? -1 : 1));
    expect(sorted(everything({ ...usual, path: fileOf(listed), choices: 'options' }))).toEqual(sorted(first));
    expect(sorted(everything({ ...usual, path: fileOf(fromOne), firstLabel: 1 }))).toEqual(sorted(first));
    expect(sorted(everything({ ...usual, path: fileOf(byText) }))).toEqual(sorted(first));
  });

  it('is scored by the share of right choices, beside references', () => {
    const dataset = ofKind('choice', load({ ...usual, path: fileOf(rows) }));
    const said = dataset.test.map(({ answer }, i) => ({ choice: i === 0 ? null : answer.right }));
    expect(scoresOf(dataset, 'test', { said })).toEqual({
      accuracy: (dataset.test.length - 1) / dataset.test.length,
    });
    expect(dataset.references['majority']!()[0]).toEqual({ choice: 1 });
    expect(dataset.references['longest']!()[0]).toEqual({ choice: 1 });
  });

  it.each([
    [
      'a number beyond the choices',
      { right: 2 },
      /line 1: the label "2" is no choice; expected 0 to 1, or the text of one/,
    ],
    ['a text that is no choice', { right: 'perhaps' }, /the label "perhaps" is no choice/],
    [
      'a number and a text of another',
      { a: '1', right: 1, b: 'x' },
      /is the number of one choice and the text of another/,
    ],
    ['an empty choice', { b: ' ' }, /line 1: choice 1 is empty/],
    ['two equal choices', { a: 'x', b: 'x' }, /two choices are "x"/],
  ])('refuses %s', (_what, change, message) => {
    expect(() => load({ ...usual, path: fileOf([{ ...rows[0], ...change }, ...rows.slice(1)]) })).toThrow(
      message,
    );
  });

  it('refuses a template that shows the answer', () => {
    expect(() => load({ ...usual, input: '{q} {right}', path: fileOf(rows) })).toThrow(
      /the answer would stand in the text/,
    );
  });
});

describe('a file of texts', () => {
  const usual = { kind: 'text', input: 'describe: {record}', references: 'ref' };
  const rows = numbered(120, (i) => ({ record: `record ${i >> 1}`, ref: `text ${i}` })); // two texts a record
  const load2 = (more: object, own: readonly object[] = rows) =>
    ofKind('text', load({ ...usual, path: fileOf(own), ...more }));

  it('joins the texts of equal records where they are scored, trains on each, and parts no record', () => {
    const { train, validation, test } = load2({});
    expect([...validation, ...test].every(({ answer }) => answer.references.length === 2)).toBe(true);
    expect(train.every(({ answer }) => answer.references.length === 1)).toBe(true);
    expect(train.length + 2 * (validation.length + test.length)).toBe(120);
    const trained = new Set(train.map(({ input }) => input[0]));
    expect([...validation, ...test].some(({ input }) => trained.has(input[0]!))).toBe(false);
  });

  it('reads several columns, lists and gzip alike', () => {
    const wide = numbered(40, (i) => ({
      record: `record ${i}`,
      one: `text ${i}`,
      two: [`other ${i}`, `third ${i}`],
    }));
    const { test } = ofKind(
      'text',
      load({ ...usual, path: fileOf(wide, 'jsonl.gz'), references: ['one', 'two'] }),
    );
    const i = /\d+/.exec(test[0]!.input[0]!)![0];
    expect(test[0]!.answer.references).toEqual([`text ${i}`, `other ${i}`, `third ${i}`]);
  });

  it('measures what is asked for, and chooses by the first', () => {
    const dataset = load2({ metrics: ['rougeL', 'bleu'] });
    expect([dataset.validateBy, dataset.reportBy]).toEqual(['rougeL', 'rougeL']);
    const right = dataset.test.map(({ answer }) => ({ text: answer.references[1]! }));
    expect(scoresOf(dataset, 'test', { said: right })).toEqual({
      rougeL: 1,
      bleu: expect.any(Number) as number,
    });
    expect(load2({}).validateBy).toBe('loss');
    for (const wrong of ['accuracy', 'slotErrorRate'])
      expect(() => load2({ metrics: [wrong] })).toThrow(/expected one of/);
    expect(() => load2({ metrics: ['loss'] })).toThrow(/none of what is written/);
  });

  it('has the nearest training text and a copy as references', () => {
    const own = numbered(100, (i) => ({ record: `word${i % 10} number ${i}`, ref: `it is ${i % 10}` }));
    const dataset = load2({ input: '{record}' }, own);
    const nearest = dataset.references['nearest']!() as { text: string }[];
    const rights = dataset.test.map(({ answer }) => answer.references[0]);
    expect(nearest.map(({ text }) => text)).toEqual(rights);
    expect(dataset.references['copy']!()[0]).toEqual({ text: dataset.test[0]!.input[0] });
  });

  it('refuses a row without a text', () => {
    expect(() => load2({}, [{ record: 'x', ref: ' ' }, ...rows])).toThrow(/line 1: no text in "ref"/);
  });
});

it('a small file that unpacks to more than a server reads is left to the trial', async () => {
  const row = JSON.stringify({ text: 'x'.repeat(1000), y: 'a' });
  const path = join(folder, 'bomb.jsonl.gz');
  writeFileSync(path, gzipSync(`${row}\n`.repeat(4000))); // 4 MB out of some kB
  const task = { name: 'file', path, input: '{text}', label: 'y' };
  const config = TuneConfig.parse({
    stage: 'tune',
    backbone: { name: 'minilm-l6' },
    task,
    method: { name: 'head' },
  });
  const looked = (largest: number) => dataIssues([{ grid: 'g', config }], { elsewhere: false, largest });
  expect((await looked(1e6)).refusals).toEqual([]);
  expect((await looked(1e7)).refusals[0]!.message).toMatch(/has one label only/);
});

describe('a text file', () => {
  const write = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const inputs = (task: object) => {
    const { train, validation, test } = load({ kind: 'language', ...task });
    return [...train, ...validation, ...test].map(({ input }) => input[0]!).toSorted();
  };

  it('has documents by line, or parted by blank lines', () => {
    const path = write('prose.txt', numbered(60, (i) => `line ${i}\nnext ${i}\n`).join('\n'));
    expect(inputs({ path })).toHaveLength(120);
    expect(inputs({ path, documents: 'paragraphs' })).toContain('line 7\nnext 7');
    expect(inputs({ path, documents: 'paragraphs' })).toHaveLength(60);
  });

  it('is scored by how likely it was found', () => {
    const path = write('likely.txt', numbered(60, (i) => `line ${i}`).join('\n'));
    const dataset = ofKind('language', load({ kind: 'language', path }));
    const likelihoods = dataset.test.map(() => ({ nats: 4 * Math.log(8), tokens: 4, bytes: 6 }));
    const scores = scoresOf(dataset, 'test', { said: [], likelihoods });
    expect(scores['perplexity']).toBeCloseTo(8, 12);
    expect(scores['bitsPerByte']).toBeCloseTo(2, 12);
    expect(() => scoresOf(dataset, 'test', { said: [] })).toThrow(/0 likelihoods for/);
  });

  it('is refused where it has no text', () => {
    expect(() => inputs({ path: write('empty.txt', '\n \n') })).toThrow(/empty.txt is empty/);
  });
});
