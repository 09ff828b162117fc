import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Task } from '#contracts/task.js';
import { scoresOf } from '../../dataset.js';
import { labelsSaid, ofKind } from '../../fixtures/answers.js';
import { loadTask } from '../../load-task.js';

const folder = mkdtempSync(join(tmpdir(), 'superglue-'));
afterAll(() => rmSync(folder, { recursive: true }));

const load = (dataset: string, more: object = {}) =>
  loadTask(Task.parse({ name: 'superglue', dataset, path: folder, ...more }));

function write(dataset: string, files: Partial<Record<'train' | 'dev32' | 'val', readonly object[]>>): void {
  mkdirSync(join(folder, dataset), { recursive: true });
  for (const [file, rows] of Object.entries(files))
    writeFileSync(join(folder, dataset, `${file}.jsonl`), rows.map((row) => JSON.stringify(row)).join('\n'));
}

const everywhere = (dataset: string, rows: readonly object[]) =>
  write(dataset, { train: rows, dev32: rows, val: rows });

describe('SuperGLUE', () => {
  it('reads MultiRC answer by answer and scores questions whole', () => {
    const answers = [
      { text: 'x', label: 1 },
      { text: 'y', label: 0 },
    ];
    everywhere('multirc', [
      { passage: { text: 'A <b>b</b>.', questions: [{ question: 'q?', answers }] }, idx: 3 },
    ]);
    const dataset = ofKind('class', load('multirc'));
    expect(dataset.test.map(({ input }) => input[0]).toSorted()[0]).toBe(
      'question: q? answer: x paragraph: A b .',
    );
    const right = labelsSaid(dataset.test.map((e) => e.answer.label));
    expect(scoresOf(dataset, 'test', { said: right })).toEqual({ accuracy: 1, f1: 1, exactMatch: 1 });
    expect(scoresOf(dataset, 'test', { said: labelsSaid([1, 1]) })).toMatchObject({
      accuracy: 0.5,
      exactMatch: 0,
    });
  });

  it('gives COPA its own choices', () => {
    everywhere('copa', [
      { premise: 'It fell.', choice1: 'It broke.', choice2: 'It flew.', question: 'effect', label: 0 },
    ]);
    const { test } = ofKind('choice', load('copa'));
    expect(test[0]).toMatchObject({
      input: ['premise: It fell. question: effect'],
      answer: { choices: ['It broke.', 'It flew.'], right: 0 },
    });
  });

  it('gives pairs their sentences apart', () => {
    everywhere('cb', [
      { premise: 'P', hypothesis: 'H', label: 'neutral', idx: 0 },
      { premise: 'Q', hypothesis: 'G', label: 'entailment', idx: 1 },
    ]);
    expect(ofKind('class', load('cb')).labels).toEqual(['contradiction', 'entailment', 'neutral']);
    expect(
      load('cb')
        .test.map(({ input }) => input)
        .toSorted()[0],
    ).toEqual(['hypothesis: G premise: Q']);
    expect(
      load('cb', { input: 'pair' })
        .test.map(({ input }) => input)
        .toSorted()[0],
    ).toEqual(['P', 'H']);
  });

  it('trains on every right entity of ReCoRD, and counts any where it is scored', () => {
    const text = 'Ann met Bob Lee.\n@highlight\nAnn laughed';
    const entities = [
      { start: 0, end: 2 },
      { start: 8, end: 14 },
      { start: 28, end: 30 },
    ];
    const answers = [
      { start: 0, end: 2, text: 'Ann' },
      { start: 8, end: 14, text: 'Bob Lee' },
    ];
    everywhere('record', [
      { idx: 1, passage: { text, entities }, qas: [{ query: '@placeholder left', idx: 0, answers }] },
    ]);
    const dataset = ofKind('choice', load('record'));
    expect(dataset.train.map(({ answer }) => answer.right).toSorted()).toEqual([0, 1]);
    expect(dataset.test).toHaveLength(1);
    expect(dataset.test[0]!.input[0]).toContain(
      'entities: Ann, Bob Lee passage: Ann met Bob Lee. Ann laughed',
    );
    for (const choice of [0, 1])
      expect(scoresOf(dataset, 'test', { said: [{ choice }] })).toEqual({ f1: 1, exactMatch: 1 });
    expect(scoresOf(dataset, 'test', { said: [{ choice: null }] })).toEqual({ f1: 0, exactMatch: 0 });
  });

  it('refuses a query of ReCoRD whose answers are no entities', () => {
    const passage = { text: 'Ann left', entities: [{ start: 0, end: 2 }] };
    everywhere('record', [
      { idx: 1, passage, qas: [{ query: '@placeholder left', idx: 0, answers: [{ text: 'Bob' }] }] },
    ]);
    expect(() => load('record')).toThrow(
      /train.jsonl, line 1: no answer of query 0 is an entity of the passage, the first is "Bob"/,
    );
  });

  it('has WSC write the referent, trained on right ones, and tells wrong candidates by what is not written', () => {
    const target = (span1_text: string) => ({ span1_text, span1_index: 0, span2_text: 'he', span2_index: 4 });
    const wsc = (candidate: string, label: boolean) => ({
      text: 'Mark told Pete that he won.',
      target: target(candidate),
      label,
    });
    write('wsc', {
      train: [wsc('Mark', true), wsc('Pete', false)],
      dev32: [wsc('Mark', true)],
      val: [wsc('Mark', true), wsc('Pete', false)],
    });
    const dataset = ofKind('text', load('wsc'));
    expect(dataset.train.map(({ input, answer }) => [input[0], answer.references])).toEqual([
      ['Mark told Pete that * he * won.', ['Mark']],
    ]);
    const accuracy = (text: string) =>
      scoresOf(dataset, 'test', {
        said: [{ text }, { text }],
        likelihoods: [
          { nats: 1, tokens: 1, bytes: 1 },
          { nats: 1, tokens: 1, bytes: 1 },
        ],
      })['accuracy'];
    expect([accuracy('the Mark'), accuracy('Pete'), accuracy('')]).toEqual([1, 0, 0.5]);
  });

  it('cuts a part of the training file where that chooses checkpoints', () => {
    const rows = Array.from({ length: 80 }, (_, i) => ({
      premise: `p${i}`,
      hypothesis: `h${i}`,
      label: i % 2 ? 'entailment' : 'not_entailment',
    }));
    write('rte', { train: rows, val: rows.slice(0, 4) });
    const { train, validation, test } = load('rte', { selectOn: 'train' });
    expect(train.length + validation.length).toBe(80);
    expect(validation.length).toBeGreaterThan(2);
    expect(test).toHaveLength(4);
    expect(() => load('rte')).toThrow(
      /rte needs .*dev32.jsonl; task.selectOn: train takes a tenth of train.jsonl instead/,
    );
  });

  it('says which file it misses, and which field', () => {
    expect(() => load('boolq')).toThrow(/boolq needs .*boolq\/train.jsonl$/);
    everywhere('wic', [{ word: 'w', sentence1: 'a', sentence2: 'b', label: 'yes' }]);
    expect(() => load('wic')).toThrow(/wic\/train.jsonl, line 1: label is "yes"; expected true or false/);
  });

  it('does not mix what has no labels', () => {
    const tasks = {
      a: { name: 'superglue', dataset: 'copa', path: folder },
      b: { name: 'superglue', dataset: 'rte', path: folder },
    };
    expect(() => Task.parse({ name: 'mixture', tasks })).toThrow(/only labels and tags can be mixed/);
  });
});
