import { Task } from '#contracts/task.js';
import { ofKind } from '../fixtures/answers.js';
import { dataFolder, numbered } from '../fixtures/data-folder.js';
import { loadTask } from '../load-task.js';

const { json } = dataFolder('dart');

const item = (i: number, texts = 4) => ({
  tripleset: [
    [`Bridge ${i}`, 'LENGTH', `${i} m`],
    [`Bridge ${i}`, 'CROSSES', 'Mill Brook'],
  ],
  subtree_was_extended: false,
  annotations: numbered(texts, (k) => ({ source: 'own', text: `bridge ${i} is ${i} m long, said ${k}` })),
});
const load = (task: object) => ofKind('text', loadTask(Task.parse({ name: 'dart', ...task })));

describe('DART', () => {
  const files = {
    path: json('train.json', numbered(12, item)),
    validationPath: json(
      'dev.json',
      numbered(3, (i) => item(20 + i)),
    ),
    testPath: json('test.json', [item(40, 2), item(41, 5)]),
  };

  it('trains on each text alone, and tests a set of triples against its first three', () => {
    const { train, test, validateBy, reportBy } = load(files);
    expect(train).toHaveLength(48);
    expect(train.every(({ answer }) => answer.references.length === 1)).toBe(true);
    expect(test.map(({ answer }) => answer.references.length).toSorted()).toEqual([2, 3]);
    expect(test.map(({ input }) => input)).toContainEqual([
      'Bridge 40 : LENGTH : 40 m | Bridge 40 : CROSSES : Mill Brook',
    ]);
    expect([validateBy, reportBy]).toEqual(['loss', 'bleu']);
  });

  it('has all texts where that is asked for', () => {
    const most = load({ ...files, references: null }).test.map(({ answer }) => answer.references.length);
    expect(most.toSorted()).toEqual([2, 5]);
  });

  it('keeps equal triples in one split where it cuts them itself', () => {
    const twice = numbered(60, (i) => item(i % 30, 1));
    const { train, validation, test } = load({ path: json('twice.json', twice) });
    const inputs = [train, validation, test].map((split) => new Set(split.map(({ input }) => input[0])));
    expect(inputs.reduce((n, own) => n + own.size, 0)).toBe(30);
  });

  it.each([
    [
      { ...item(0), annotations: [] },
      /item 1: annotations: expected a text or more; expected an item of DART$/,
    ],
    [
      { ...item(0), annotations: [{ source: 'x', text: ' ' }] },
      /item 1: annotations\.0\.text: expected text that is not empty/,
    ],
    [{ ...item(0), tripleset: [['a', 'b']] }, /item 1: tripleset\.0: expected subject, relation and object/],
    [{ ...item(0), tripleset: [['a', 'b', 3]] }, /item 1: tripleset\.0\.2: expected text/],
    [{ mr: 'name[X]', ref: 'X.' }, /item 1: tripleset: .*looks like E2E: use task\.name: e2e$/],
  ])('refuses %j', (broken, message) => {
    expect(() => load({ path: json('broken.json', [broken]) })).toThrow(message);
  });

  it('has none of E2E’s metrics', () => {
    const config = { name: 'dart', path: 'x', metrics: ['slotErrorRate'] };
    expect(Task.safeParse(config).error?.issues[0]?.path).toEqual(['metrics', 0]);
  });
});
