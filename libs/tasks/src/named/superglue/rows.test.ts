import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Task } from '#contracts/task.js';
import { TuneConfig } from '#contracts/trial.js';
import { dataIssues } from '../../check/data-issues.js';
import { loadTask } from '../../load-task.js';

const folder = mkdtempSync(join(tmpdir(), 'superglue-rows-'));
afterAll(() => rmSync(folder, { recursive: true }));

const write = (name: string, rows: readonly object[]): string => {
  const path = join(folder, name);
  writeFileSync(path, rows.map((r) => JSON.stringify(r)).join('\n'));
  return path;
};

async function reportOf(task: object) {
  const config = TuneConfig.parse({
    stage: 'tune',
    backbone: { name: 'minilm-l6' },
    task,
    method: { name: 'head' },
  });
  const { refusals, warnings } = await dataIssues([{ grid: 'g', config }], {
    elsewhere: false,
    largest: 1e6,
  });
  const said = (issues: typeof refusals) =>
    issues.map(({ knob, message }) => `${knob}: ${message.replaceAll(`${folder}/`, '')}`);
  return { refusals: said(refusals), warnings: said(warnings) };
}

describe('superglue', () => {
  const good = {
    boolq: { question: 'q', passage: 'p', label: true, idx: 1 },
    rte: { premise: 'p', hypothesis: 'h', label: 'entailment', idx: 1 },
    copa: { premise: 'p', choice1: 'a', choice2: 'b', question: 'cause', label: 0, idx: 1 },
    wic: {
      word: 'w',
      sentence1: 'a w',
      sentence2: 'b w',
      start1: 2,
      start2: 2,
      end1: 3,
      end2: 3,
      label: false,
      idx: 1,
      version: 1.1,
    },
    multirc: {
      idx: 1,
      version: 1.1,
      passage: {
        text: 't',
        questions: [{ question: 'q', idx: 1, answers: [{ text: 'a', label: 1, idx: 1 }] }],
      },
    },
  };
  const put = (dataset: keyof typeof good, ...last: object[]) => {
    mkdirSync(join(folder, dataset), { recursive: true });
    const folderOf = (file: string) => join(dataset, `${file}.jsonl`);
    for (const file of ['train', 'dev32']) write(folderOf(file), [good[dataset]]);
    write(folderOf('val'), [good[dataset], ...last]);
    return { name: 'superglue', dataset, path: folder };
  };

  it.each(Object.keys(good) as (keyof typeof good)[])('reads %s as published', (dataset) => {
    expect(loadTask(Task.parse(put(dataset, good[dataset]))).test).toHaveLength(2);
  });

  it.each<[keyof typeof good, object, RegExp]>([
    [
      'rte',
      { label: 1 },
      /rte\/val.jsonl, line 2: label is 1; expected "entailment" or "not_entailment". The fields look like Hugging Face's/,
    ],
    [
      'rte',
      { premise: undefined, hypothesis: undefined, sentence1: 'p', sentence2: 'h' },
      /line 2: no "premise"; rte has premise, hypothesis, label, idx. The fields look like Hugging Face's/,
    ],
    ['rte', { label: 'Entailment' }, /label is "Entailment"; expected/],
    [
      'boolq',
      { label: 1 },
      /boolq\/val.jsonl, line 2: label is 1; expected true or false. The fields look like Hugging Face's/,
    ],
    ['boolq', { label: 'true' }, /label is "true"; expected true or false/],
    ['boolq', { passage: ' ' }, /passage is " "; expected text that is not empty/],
    ['copa', { label: 2 }, /copa\/val.jsonl, line 2: label is 2; expected 0 or 1/],
    ['copa', { question: 'why' }, /question is "why"; expected "cause" or "effect"/],
    ['wic', { label: 'F' }, /wic\/val.jsonl, line 2: label is "F"; expected true or false/],
    [
      'multirc',
      { passage: { text: 't', questions: [{ question: 'q', answers: [{ text: 'a', label: true }] }] } },
      /passage.questions.0.answers.0.label is true; expected 0 or 1/,
    ],
    [
      'multirc',
      { passage: undefined, paragraph: 'p', question: 'q', answer: 'a' },
      /no "passage"; multirc has idx, passage. The fields look like Hugging Face's/,
    ],
  ])('refuses %s with %j', async (dataset, change, message) => {
    const task = put(dataset, { ...good[dataset], ...change });
    expect(() => loadTask(Task.parse(task))).toThrow(message);
    expect((await reportOf(task)).refusals).toEqual([expect.stringMatching(message)]);
  });
});
