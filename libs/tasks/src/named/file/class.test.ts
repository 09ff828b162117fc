import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Task } from '#contracts/task.js';
import { TuneConfig } from '#contracts/trial.js';
import { dataIssues } from '../../check/data-issues.js';
import { joined } from '../../example.js';
import { loadTask } from '../../load-task.js';

const folder = mkdtempSync(join(tmpdir(), 'file-task-'));
afterAll(() => rmSync(folder, { recursive: true }));

const write = (name: string, rows: readonly object[]): string => {
  const path = join(folder, name);
  writeFileSync(path, rows.map((r) => JSON.stringify(r)).join('\n'));
  return path;
};
const rows = Array.from({ length: 60 }, (_, i) => ({
  id: i,
  text: `row ${i}`,
  label: i % 2 ? 'good' : 'bad',
  page: i % 30,
}));
const path = write('plain.jsonl', rows);
const config = (more: object) => ({ name: 'file', path, input: '{text}', label: 'label', ...more });
const load = (more: object = {}) => loadTask(Task.parse(config(more)));

async function reportOf(...tasks: object[]) {
  const cells = tasks.map((task) => ({
    grid: 'g',
    config: TuneConfig.parse({
      stage: 'tune',
      backbone: { name: 'minilm-l6' },
      task,
      method: { name: 'head' },
    }),
  }));
  const { refusals, warnings, splits } = await dataIssues(cells, { elsewhere: false, largest: 1e6 });
  const said = (issues: typeof refusals) =>
    issues.map(({ knob, message }) => `${knob}: ${message.replaceAll(`${folder}/`, '')}`);
  return { refusals: said(refusals), warnings: said(warnings), splits: splits.get('g') ?? [] };
}

describe('splits of a file', () => {
  it('have the same rows whatever the template, and so have their subsets', async () => {
    const inputs = ['{text}', 'review: {text}', '{text} It was', '{id}'];
    const splits = (more: object) => inputs.map((input) => load({ input, ...more }));
    for (const more of [{}, { train: 16 }, { groupBy: 'page' }]) {
      const [first, ...others] = splits(more);
      for (const split of ['train', 'validation', 'test'] as const)
        for (const other of others)
          expect(other[split].map((e) => e.id)).toEqual(first![split].map((e) => e.id));
    }
    const { splits: planned } = await reportOf(...inputs.map((input) => config({ input })));
    const { train, validation, test } = load();
    expect(planned).toEqual([
      {
        knob: 'task',
        task: 'file plain.jsonl',
        train: train.length,
        validation: validation.length,
        test: test.length,
      },
    ]);
  });

  it('keep equal texts together where there is nothing but a text and a label', () => {
    const twice = write(
      'pairs.jsonl',
      rows.flatMap(({ text }) => ['bad', 'good'].map((label) => ({ text, label }))),
    );
    const { train, validation, test } = load({ path: twice });
    const trained = new Set(train.map((e) => joined(e.input)));
    expect(new Set([...validation, ...test].map((e) => joined(e.input))).size).toBe(
      (validation.length + test.length) / 2,
    );
    expect([...validation, ...test].some((e) => trained.has(joined(e.input)))).toBe(false);
  });

  it('are the same whatever the order of rows, columns and kind of file', () => {
    const turned = write('turned.json', []);
    writeFileSync(
      turned,
      JSON.stringify(rows.toReversed().map((r) => Object.fromEntries(Object.entries(r).toReversed()))),
    );
    const csv = join(folder, 'plain.csv');
    writeFileSync(
      csv,
      ['text,page,label,id', ...rows.map((r) => `${r.text},${r.page},${r.label},${r.id}`)].join('\r\n'),
    );
    for (const other of [turned, csv]) expect(load({ path: other }).hash).toBe(load().hash);
  });

  it('are planned with the sizes that are trained on, each once', async () => {
    const { splits } = await reportOf(
      config({ train: 16 }),
      config({ train: 16, input: '{id}' }),
      config({ train: 8, test: 1 }),
    );
    expect(splits.map(({ train, test }) => [train, test])).toEqual([
      [16, load().test.length],
      [8, 1],
    ]);
    const wordnet = await reportOf({ name: 'wordnet-supersense', train: 100 });
    expect(wordnet.splits).toEqual([
      { knob: 'task', task: 'wordnet-supersense', train: 100, validation: 5122, test: 4951 },
    ]);
  });
});

describe('nested fields', () => {
  const nested = write(
    'nested.jsonl',
    rows.map((r) => ({ ...r, answers: { text: [r.text], all: ['a', 'b'] }, 'a.b': 'flat' })),
  );
  const inputs = (input: string) => load({ path: nested, input }).test[0]!.input[0];

  it('are reached by a path', () => {
    expect(inputs('{answers.text}')).toMatch(/^row \d+$/);
    expect(inputs('{answers.all.1}/{a.b}')).toBe('b/flat');
  });

  it.each([
    [
      '{answers}',
      /line 1: "answers" is an object of the fields text, all; one of them is "answers.text", and task.input/,
    ],
    ['{answers.all}', /line 1: "answers.all" is a list of 2; one of them is "answers.all.0"/],
    ['{answers.none}', /line 1: no column "answers.none", which task.input names; there are id, text/],
    ['{answers.text.length}', /no column "answers.text.length"/],
    ['{constructor}', /no column "constructor"/],
  ])('are refused as %s', (input, message) => {
    expect(() => load({ path: nested, input })).toThrow(message);
  });
});

describe('what is refused of a file, and what is warned of', () => {
  const relabelled = (name: string, label: (i: number) => unknown) =>
    write(name, rows.map((r, i) => ({ ...r, label: label(i) }))); // prettier-ignore
  const texts = (name: string, empty: number) =>
    write(
      name,
      rows.map((r, i) => ({ ...r, text: i < empty ? ' ' : r.text })),
    );
  const more = (name: string, ...others: object[]) => write(name, [...rows, ...others]);

  it.each<[string, object, RegExp]>([
    [
      'labels that differ in blanks',
      { path: relabelled('blanks.jsonl', (i) => (i === 7 ? 'good ' : i % 2 ? 'good' : 'bad')) },
      /line 2 and .*blanks.jsonl, line 8: the labels differ in blanks only/,
    ],
    [
      'labels that differ in Unicode form',
      { path: relabelled('forms.jsonl', (i) => (i === 9 ? 'cafe\u0301' : i % 2 ? 'caf\u00e9' : 'bad')) },
      /line 10.*the labels differ in Unicode form only/,
    ],
    [
      'labels that are one number',
      { path: relabelled('ones.jsonl', (i) => (i === 9 ? '1.0' : i % 2)) },
      /the labels are one number/,
    ],
    [
      'measured numbers',
      { path: relabelled('floats.jsonl', (i) => i / 7) },
      /floats.jsonl, line \d+: the label .* is no whole number; there are 60 different ones; expected classes/,
    ],
    [
      'too many empty texts',
      { path: texts('empty.jsonl', 4) },
      /empty.jsonl, line 1: nothing stands where task.input has its slots; so it is in 4 of 60 rows, and 5 % may be empty/,
    ],
    [
      'a text that shows its label',
      { input: '{text}: {label}' },
      /task.input shows {label}, the column of the answers/,
    ],
    [
      'a row without a field',
      { path: more('lacks.jsonl', { label: 'bad' }) },
      /lacks.jsonl, line 61: no column "text", which task.input names/,
    ],
    [
      'a row without a group',
      { path: more('group.jsonl', { text: 'a', label: 'bad', page: null }), groupBy: 'page' },
      /group.jsonl, line 61: no group in column "page"/,
    ],
    [
      'a label of blanks',
      { path: more('blank.jsonl', { text: 'a', label: ' ' }) },
      /blank.jsonl, line 61: no label in column "label"/,
    ],
    ['tests on the training file', { testPath: path }, /task.testPath is task.path/],
    [
      'validation on the training file',
      { validationPath: join(folder, '..', folder.split('/').at(-1)!, 'plain.jsonl') },
      /task.validationPath is task.path/,
    ],
    [
      'a label that only the test file has',
      { testPath: write('unseen.jsonl', [{ text: 'a', label: 'odd' }]) },
      /unseen.jsonl, line 1: the label "odd" is none of bad, good/,
    ],
    [
      'a test file without the column',
      { testPath: write('other.jsonl', [{ body: 'a', label: 'bad' }]) },
      /other.jsonl, line 1: no column "text"/,
    ],
    [
      'one word for two labels',
      { labelWords: { good: 'fine', bad: 'fine' } },
      /task.labelWords gives "good" and "bad" the same word "fine"/,
    ],
  ])('refuses %s, also at submission', async (_what, changes, message) => {
    // prettier-ignore
    expect(() => load(changes)).toThrow(message);
    expect((await reportOf(config(changes))).refusals).toEqual([expect.stringMatching(message)]);
  });

  it.each<[string, object, RegExp[]]>([
    [
      'labels that differ in case',
      { path: relabelled('case.jsonl', (i) => (i % 3 === 2 ? 'Good' : i % 2 ? 'good' : 'bad')) },
      [/"Good" at case.jsonl, line 3 and "good" at case.jsonl, line 2: the labels differ in case only/],
    ],
    [
      'numbers that may be classes',
      { path: relabelled('stars.jsonl', (i) => (i % 4) / 2) },
      [
        /the label 0.5 in column "label" is no whole number; there are 4 different ones, each taken for a class/,
      ],
    ],
    [
      'some empty texts',
      { path: texts('some.jsonl', 1) },
      [/some.jsonl, line 1: nothing stands .* in 1 of 60 rows/],
    ],
    [
      'a text with two labels',
      { path: more('two.jsonl', { text: 'row 3', label: 'bad' }), groupBy: 'text' },
      [
        /1 text has several labels; the first has .*"good" at two.jsonl, line 4 and "bad" at two.jsonl, line 61/,
      ],
    ],
    [
      'test texts that are trained on',
      {
        testPath: write('again.jsonl', [rows[0]!, { ...rows[1], text: 'new' }]),
        validationPath: write('valid.jsonl', [{ ...rows[0], text: 'other' }]),
      },
      [
        /1 of 2 test rows have a text that is trained on too; the first is again.jsonl, line 1, as plain.jsonl, line 1$/,
      ],
    ],
    [
      'test groups that are trained on',
      { groupBy: 'page', testPath: write('pages.jsonl', [{ ...rows[0], text: 'new' }]) },
      [/1 of 1 test rows are of a group that is trained on too/],
    ],
    [
      'checkpoints chosen on the test rows',
      {
        validationPath: write('held.jsonl', [{ ...rows[0], text: 'new' }]),
        testPath: join(folder, 'held.jsonl'),
      },
      [/task.validationPath is task.testPath, held.jsonl/],
    ],
    [
      'other columns in the test file',
      { testPath: write('columns.jsonl', [{ text: 'new', label: 'bad', tag: 1 }]) },
      [/columns.jsonl has other columns than plain.jsonl: it lacks id, page and has tag more/],
    ],
  ])('warns of %s', async (_what, changes, messages) => {
    // prettier-ignore
    const { refusals, warnings } = await reportOf(config(changes));
    expect(refusals).toEqual([]);
    expect(warnings).toEqual(messages.map((m) => expect.stringMatching(m) as string));
    load(changes);
  });

  it('warns of texts that a cut by rows parts, and says what keeps them together', async () => {
    const repeated = write(
      'repeated.jsonl',
      rows.map((r, i) => ({ ...r, text: `row ${i % 4}` })),
    );
    const { warnings } = await reportOf(config({ path: repeated }));
    const parted = (split: string) =>
      expect.stringMatching(
        new RegExp(`\\d+ of \\d+ ${split} rows have a text .*; task.groupBy keeps`),
      ) as string;
    expect(warnings).toEqual([parted('validation'), parted('test')]);
    const grouped = await reportOf(config({ path: repeated, groupBy: 'page' }));
    expect(grouped.warnings.join()).not.toContain('task.groupBy');
  });

  it('warns of quoted rows that look like several', async () => {
    const lines = Array.from({ length: 60 }, (_, i) => `row ${i},${i % 2 ? 'good' : 'bad'}`);
    lines[10] = `"${lines[10]}`;
    lines[14] = `row 14",bad`;
    const swallowing = join(folder, 'swallow.csv');
    writeFileSync(swallowing, ['text,label', ...lines].join('\n'));
    const { warnings } = await reportOf(config({ path: swallowing }));
    expect(warnings).toEqual([
      expect.stringMatching(
        /swallow.csv, line 12: a quoted value holds lines that look like rows; so it is in 1 of 56 rows/,
      ),
    ]);
    const tsv = join(folder, 'swallow.tsv');
    writeFileSync(tsv, ['text,label', ...lines].map((line) => line.replace(',', '\t')).join('\n'));
    const { train, validation, test } = load({ path: tsv });
    expect(train.length + validation.length + test.length).toBe(60);
  });
});
