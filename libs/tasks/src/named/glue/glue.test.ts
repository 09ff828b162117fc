import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inputsOf } from '#contracts/inputs-of.js';
import { scaleOf } from '#contracts/scales.js';
import { Task } from '#contracts/task.js';
import { TrialConfig } from '#contracts/trial.js';
import { scoresOf } from '../../dataset.js';
import { labelsSaid, ofKind } from '../../fixtures/answers.js';
import { loadTask } from '../../load-task.js';

const folder = mkdtempSync(join(tmpdir(), 'glue-'));
afterAll(() => rmSync(folder, { recursive: true }));

const load = (dataset: string, more: object = {}) =>
  loadTask(Task.parse({ name: 'glue', dataset, path: folder, ...more }));

function write(name: string, lines: readonly string[]): void {
  mkdirSync(join(folder, name, '..'), { recursive: true });
  writeFileSync(join(folder, name), `${lines.join('\n')}\n`);
}

const numbered = (n: number, row: (i: number) => string): string[] =>
  Array.from({ length: n }, (_, i) => row(i));

/** A dataset's published files: a header, if there is one, 40 rows that train and 4 of each dev file. */
function publish(name: string, header: string | null, row: (i: number) => string, dev = ['dev']): void {
  const above = header === null ? [] : [header];
  write(`${name}/train.tsv`, [...above, ...numbered(40, row)]);
  for (const [d, file] of dev.entries())
    write(`${name}/${file}.tsv`, [...above, ...numbered(4, (i) => row(100 * (d + 1) + i))]);
}

const first = (dataset: { test: readonly { id: string; input: readonly string[] }[] }) =>
  dataset.test.toSorted((a, b) => (a.id < b.id ? -1 : 1))[0]!.input;

describe('GLUE as published', () => {
  it('reads CoLA, which has no header, and quotes as characters', () => {
    publish('CoLA', null, (i) => `gj04\t${i % 2}\t${i % 2 ? '' : '*'}\t"A sentence ${i}.`);
    const dataset = ofKind('class', load('cola'));
    expect(first(dataset)).toEqual(['sentence: "A sentence 100.']);
    expect(dataset.train.length + dataset.validation.length).toBe(40);
    expect(dataset.validation.length).toBeGreaterThan(0);
    expect(dataset.labels).toEqual(['unacceptable', 'acceptable']);
    expect(dataset.validateBy).toBe('matthews');
    const right = labelsSaid(dataset.test.map(({ answer }) => answer.label));
    expect(scoresOf(dataset, 'test', { said: right })).toEqual({ matthews: 1, accuracy: 1 });
    expect(scoresOf(dataset, 'test', { said: labelsSaid([1, 1, 1, 1]) })).toEqual({
      matthews: 0,
      accuracy: 0.5,
    });
  });

  it('reads MRPC as a text or a pair, with F1 of equivalence', () => {
    publish(
      'MRPC',
      'Quality\t#1 ID\t#2 ID\t#1 String\t#2 String',
      (i) => `${i % 2}\t1\t2\tfirst ${i}\tsecond ${i}`,
    );
    expect(first(load('mrpc'))).toEqual(['sentence1: first 100 sentence2: second 100']);
    expect(first(load('mrpc', { input: 'pair' }))).toEqual(['first 100', 'second 100']);
    const dataset = ofKind('class', load('mrpc'));
    expect(scoresOf(dataset, 'test', { said: labelsSaid([1, 1, 1, 1]) })).toEqual({
      accuracy: 0.5,
      f1: 2 / 3,
    });
  });

  it('tells both dev files of MNLI apart, and orders its parts as T5 does', () => {
    const words = ['entailment', 'neutral', 'contradiction'];
    publish(
      'MNLI',
      'index\tsentence1\tsentence2\tgold_label',
      (i) => `${i}\tpremise ${i}\thypothesis ${i}\t${words[i % 3]}`,
      ['dev_matched', 'dev_mismatched'],
    );
    const dataset = ofKind('class', load('mnli'));
    expect(first(dataset)).toEqual(['hypothesis: hypothesis 100 premise: premise 100']);
    const said = dataset.test.map(({ answer, group }) => ({
      label: group === 'matched' ? answer.label : null,
    }));
    expect(scoresOf(dataset, 'test', { said })).toEqual({
      accuracy: 0.5,
      'matched/accuracy': 1,
      'mismatched/accuracy': 0,
    });
    const validated = scoresOf(dataset, 'validation', { said: dataset.validation.map(() => ({ label: 0 })) });
    expect(Object.keys(validated)).toEqual(['accuracy']);
  });

  it('has numbers in STS-B', () => {
    publish(
      'STS-B',
      'index\tsentence1\tsentence2\tscore',
      (i) => `${i}\tfirst ${i}\tsecond ${i}\t${(i % 6) - (i % 6 === 5 ? 0.5 : 0)}`,
    );
    const dataset = ofKind('number', load('stsb', { input: 'pair' }));
    const right = dataset.test.map(({ answer }) => ({ value: answer.value }));
    expect(scoresOf(dataset, 'test', { said: right })).toMatchObject({ pearson: 1, spearman: 1 });
  });

  it.each([
    ['sst2', 'SST-2', 'sentence\tlabel', (i: number) => `s${i}\t${i % 2}`, 'sentence: s100'],
    [
      'qqp',
      'QQP',
      'id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate',
      (i: number) => `1\t2\t3\ta${i}\tb${i}\t${i % 2}`,
      'question1: a100 question2: b100',
    ],
    [
      'qnli',
      'QNLI',
      'index\tquestion\tsentence\tlabel',
      (i: number) => `1\tq${i}\ts${i}\t${i % 2 ? '' : 'not_'}entailment`,
      'question: q100 sentence: s100',
    ],
    [
      'rte',
      'RTE',
      'index\tsentence1\tsentence2\tlabel',
      (i: number) => `1\ta${i}\tb${i}\tentailment`,
      'sentence1: a100 sentence2: b100',
    ],
  ])('reads %s', (dataset, name, header, row, text) => {
    publish(name, header, row);
    expect(first(load(dataset))).toEqual([text]);
  });

  it('reads JSON lines with numbers for labels', () => {
    const rows = numbered(40, (i) =>
      JSON.stringify({ premise: `p${i}`, hypothesis: `h${i}`, label: i % 3, idx: i }),
    );
    write('mnli/train.jsonl', rows);
    for (const dev of ['dev_matched', 'dev_mismatched']) write(`mnli/${dev}.jsonl`, rows.slice(0, 2));
    const { test } = ofKind('class', load('mnli', { format: 'jsonl' }));
    expect(test.map(({ answer }) => answer.label).toSorted()).toEqual([0, 0, 1, 1]);
  });

  it('names the files that a dataset is read from', () => {
    const task = { name: 'glue', dataset: 'mnli', path: folder };
    const config = TrialConfig.parse({
      stage: 'tune',
      task,
      backbone: { name: 'bart-base' },
      method: { name: 'lora' },
    });
    expect(inputsOf(config)[0]!.files).toEqual([
      'MNLI/train.tsv',
      'MNLI/dev_matched.tsv',
      'MNLI/dev_mismatched.tsv',
    ]);
  });
});

describe('GLUE that is malformed', () => {
  const header = 'index\tsentence1\tsentence2\tlabel';

  it.each([
    [
      'a label that is none',
      '1\ta\tb\tmaybe',
      /RTE\/dev.tsv, line 2: the label is "maybe"; expected 0 or "entailment", 1 or "not_entailment"/,
    ],
    ['a hidden label', '1\ta\tb\t-1', /-1 stands where labels are not public/],
    ['an empty text', '1\ta\t \t1', /line 2: no text in "sentence2"/],
    ['a short row', '1\ta\tb', /line 2: no column "label"; so it is in 1 of 2 rows, and 0.1 % may be broken/],
    ['a wide row', '1\ta\tb\t1\tc', /line 2: 5 columns, and the header has 4/],
  ])('refuses %s', (_what, row, message) => {
    publish('RTE', header, (i) => `1\ta${i}\tb${i}\t${i % 2}`);
    write('RTE/dev.tsv', [header, row, '1\tx\ty\t0']);
    expect(() => load('rte')).toThrow(message);
  });

  it('leaves out the few rows that lack columns, and says so', () => {
    publish('RTE', header, (i) => `1\ta${i}\tb${i}\t${i % 2}`);
    write('RTE/train.tsv', [
      header,
      ...numbered(1_000, (i) => (i === 5 ? '1\ta' : `1\ta${i}\tb${i}\t${i % 2}`)),
    ]);
    const { train, validation } = load('rte');
    expect(train.length + validation.length).toBe(999);
  });

  it('says what of CoLA is expected, and which file is missing', () => {
    write('CoLA/train.tsv', ['gj04\t1\t\tFine.\tmore', 'gj04\t1\t\tFine.']);
    expect(() => load('cola')).toThrow(
      /CoLA\/train.tsv, line 1: 5 columns, and 4 are expected: source, label, mark, sentence/,
    );
    rmSync(join(folder, 'QNLI'), { recursive: true, force: true });
    expect(() => load('qnli')).toThrow(/task.path: qnli needs .*QNLI\/train.tsv/);
  });

  it('mixes labels, and no numbers', () => {
    const glue = (dataset: string) => ({ name: 'glue', dataset, path: folder });
    expect(() => Task.parse({ name: 'mixture', tasks: { a: glue('stsb'), b: glue('rte') } })).toThrow(
      /STS-B have other answers/,
    );
    publish('RTE', header, (i) => `1\ta${i}\tb${i}\t${i % 2}`);
    publish('MNLI', 'sentence1\tsentence2\tgold_label', (i) => `a${i}\tb${i}\tneutral`, [
      'dev_matched',
      'dev_mismatched',
    ]);
    const mixed = ofKind(
      'class',
      loadTask(Task.parse({ name: 'mixture', tasks: { a: glue('mnli'), b: glue('rte') } })),
    );
    const scores = (split: 'validation' | 'test') =>
      Object.keys(scoresOf(mixed, split, { said: mixed[split].map(() => ({ label: null })) }));
    expect(scores('test')).toEqual([
      'accuracy',
      'a/accuracy',
      'a/matched/accuracy',
      'a/mismatched/accuracy',
      'b/accuracy',
    ]);
    expect(scores('validation')).toEqual(['accuracy', 'a/accuracy', 'b/accuracy']);
    expect(scores('test').every((name) => scaleOf(name)?.unit === 'share')).toBe(true);
  });
});
