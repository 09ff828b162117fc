import { Task } from '#contracts/task.js';
import { dataFolder } from '../fixtures/data-folder.js';
import { loadTask } from '../load-task.js';

const { jsonl, json, write } = dataFolder('looks');
const load = (task: object) =>
  loadTask(Task.parse({ name: 'file', input: '{text}', label: 'label', ...task }));

const squad = { paragraphs: [{ context: 'c', qas: [] }] };
const rows: Record<string, [row: object, sentence: string]> = {
  squad: [squad, 'SQuAD: use task.kind: span'],
  'rows of squad': [{ context: 'c', question: 'q', answers: {} }, 'SQuAD: use task.kind: span'],
  mrqa: [{ context: 'c', qas: [] }, 'MRQA: use task.kind: span'],
  copa: [{ premise: 'p', choice1: 'a', choice2: 'b' }, 'rows of choices: use task.kind: choice'],
  listed: [{ question: 'q', options: ['a', 'b'] }, 'rows of choices: use task.kind: choice'],
  lama: [{ masked_sentences: ['x [MASK]'], obj_label: 'y' }, 'LAMA: use task.kind: cloze'],
  masks: [{ sentence: 'a <mask> b', word: 'y' }, 'LAMA: use task.kind: cloze'],
  tokens: [{ tokens: ['a'], ner_tags: ['O'] }, 'rows of tagged words: use task.name: tagging'],
  references: [{ source: 's', references: ['r'] }, 'rows of texts to write: use task.kind: text'],
  target: [{ document: 'd', summary: 's' }, 'rows of texts to write: use task.kind: text'],
  dart: [{ tripleset: [], annotations: [] }, 'DART: use task.name: dart'],
  e2e: [{ mr: 'name[X]', ref: 'X' }, 'E2E: use task.name: e2e'],
};

describe('a file of another kind', () => {
  it.each(Object.entries(rows))('of %s gets a sentence that names the kind', (name, [row, sentence]) => {
    const path = jsonl(`${name}.jsonl`, [row]);
    expect(() => load({ path })).toThrow(`, line 1: no column "label", which task.label names; there are`);
    expect(() => load({ path })).toThrow(`; ${path} looks like ${sentence}`);
  });

  it('is looked at past the header of MRQA, and in the data of SQuAD', () => {
    const mrqa = jsonl('mrqa.jsonl', [{ header: { dataset: 'x' } }, { context: 'c', qas: [] }]);
    expect(() => load({ path: mrqa })).toThrow('looks like MRQA: use task.kind: span');
    const whole = json('squad.json', { version: '2.0', data: [squad] });
    expect(() => load({ path: whole })).toThrow('looks like SQuAD: use task.kind: span');
  });

  it('is named for every kind that lacks its fields', () => {
    const path = jsonl('copa.jsonl', [{ premise: 'p', choice1: 'a', choice2: 'b' }]);
    const others: object[] = [
      { kind: 'span' },
      { kind: 'text', input: '{text}', references: 'reference' },
      { kind: 'cloze', input: '{premise}', word: 'choice1' },
      { kind: 'number', input: '{premise}', value: 'choice1' },
    ];
    for (const other of others)
      expect(() => loadTask(Task.parse({ name: 'file', path, ...other }))).toThrow(
        'looks like rows of choices: use task.kind: choice',
      );
    expect(() => loadTask(Task.parse({ name: 'tagging', path }))).toThrow('use task.kind: choice');
  });

  it('gets none where it is of the kind, or of none that is known', () => {
    const own = jsonl('own.jsonl', [{ premise: 'p', choice1: 'a', choice2: 'b' }]);
    const choice = { kind: 'choice', choices: ['choice1', 'choice2'], input: '{premis}' };
    expect(() => load({ path: own, ...choice })).toThrow(/there are premise, choice1, choice2$/);
    const other = jsonl('other.jsonl', [{ a: 1, b: 2 }]);
    expect(() => load({ path: other })).toThrow(/there are a, b$/);
  });

  it.each([
    ['prose.txt', 'It was a dark night.\nNobody came.\n', 'plain text: use task.kind: language'],
    [
      'words.conll',
      'EU NNP B-ORG\nrejects VBZ O\n\nPeter NNP B-PER\n',
      'CoNLL columns: use task.name: tagging',
    ],
    ['words', 'EU\tNNP\nrejects\tVBZ\n', 'CoNLL columns: use task.name: tagging'],
  ])('%s is told by what it holds', (name, text, sentence) => {
    const path = write(name, text);
    expect(() => load({ path })).toThrow(`; ${path} looks like ${sentence}`);
  });

  it('of rows is no plain text', () => {
    const path = jsonl('rows.jsonl', [{ text: 'a' }]);
    expect(() => loadTask(Task.parse({ name: 'file', kind: 'language', path }))).toThrow(
      'rows.jsonl ends in .jsonl, which holds rows with fields; task.kind: language predicts plain text, such as a .txt',
    );
  });
});
