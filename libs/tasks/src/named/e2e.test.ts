import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inputsOf } from '#contracts/inputs-of.js';
import { Task } from '#contracts/task.js';
import { TrialConfig } from '#contracts/trial.js';
import { scoresOf } from '../dataset.js';
import { ofKind } from '../fixtures/answers.js';
import { loadTask } from '../load-task.js';

const folder = mkdtempSync(join(tmpdir(), 'e2e-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Row = readonly [mr: string, ref: string, original?: string];

const names = [
  'Aromi',
  'Cotto',
  'Zizzi',
  'Clowns',
  'Strada',
  'Cocum',
  'Giraffe',
  'Wildwood',
  'The Mill',
  'The Punter',
];
const foods = ['Italian', 'French', 'Indian'];
const meanings = names.flatMap((name) => foods.map((food) => `name[${name}], eatType[pub], food[${food}]`));

/** A CSV of rows; cleaned files say what a meaning was before. */
function write(path: string, rows: readonly Row[], cleaned = true): string {
  const place = join(folder, path);
  const lines = rows.map(([mr, ref, original = mr]) =>
    [`"${mr}"`, `"${ref}"`, ...(cleaned ? ['0', `"${original}"`] : [])].join(),
  );
  writeFileSync(place, [cleaned ? 'mr,ref,fixed,orig_mr' : 'mr,ref', ...lines].join('\n'));
  return place;
}

const twice = (all: readonly string[]): Row[] =>
  all.flatMap((mr): Row[] => [
    [mr, `One of ${mr}`],
    [mr, `Two of ${mr}`],
  ]);
const load = (task: object) => ofKind('text', loadTask(Task.parse({ name: 'e2e', ...task })));

describe('E2E', () => {
  it('cuts off whole restaurants where asked, as the published test file has others', () => {
    const path = write('restaurants.csv', twice(meanings));
    const { train, validation, test } = load({ path, groupBy: 'name' });
    const [trained, ...held] = [train, validation, test].map(
      (examples) => new Set(examples.map(({ input }) => /name : ([^|]*) /.exec(input[0]!)![1])),
    );
    expect(held.flatMap((own) => [...own]).filter((name) => trained!.has(name))).toEqual([]);
    expect([...held, trained!].map((own) => own.size).reduce((a, b) => a + b)).toBe(names.length);
  });

  it('joins the texts of a meaning where they are scored, and trains on each', () => {
    const path = write('train.csv', twice(meanings));
    const testPath = write('test.csv', [
      [
        'name[Aromi], priceRange[cheap], customer rating[5 out of 5], near[Raja Indian Cuisine], familyFriendly[no]',
        'First.',
      ],
      [
        'name[Aromi], priceRange[cheap], customer rating[5 out of 5], near[Raja Indian Cuisine], familyFriendly[no]',
        'Second.',
      ],
      ['name[Cotto], area[riverside], area[city centre]', 'Third.'],
    ]);
    const { test, train, validation, metrics, validateBy, reportBy } = load({ path, testPath });
    expect(train.length + 2 * validation.length).toBe(60);
    expect(validation.length).toBeGreaterThan(0);
    expect(test.map(({ input, answer }) => [input[0], answer.references]).toSorted()).toEqual([
      ['name : Aromi | price : cheap | customer rating : 5 out of 5 | near : Raja Indian Cuisine | family friendly : no', ['First.', 'Second.']],
      ['name : Cotto | area : riverside | area : city centre', ['Third.']],
    ]); // prettier-ignore
    expect([validateBy, reportBy]).toEqual(['loss', 'bleu']);
    expect(metrics.map(({ name }) => name)).toEqual([
      'loss',
      'bleu',
      'bleuLower',
      'nist',
      'meteor',
      'rougeL',
      'cider',
      'slotErrorRate',
    ]);
  });

  it('counts what a text says of its meaning', () => {
    const path = write('slots.csv', twice(meanings));
    const testPath = write('slots-test.csv', [
      ['name[Aromi], eatType[pub], food[French]', 'Aromi is a French pub.'],
    ]);
    const dataset = load({ path, testPath, metrics: ['slotErrorRate'] });
    const rate = (text: string) => scoresOf(dataset, 'test', { said: [{ text }] })['slotErrorRate'];
    expect(rate('Aromi is a French pub.')).toBe(0);
    expect(rate('Aromi is an Italian pub.')).toBeCloseTo(1 / 3, 12);
    expect(rate('')).toBe(1);
  });

  it('trains on meanings with all their texts where asked', () => {
    const path = write('meanings.csv', twice(meanings));
    const testPath = write('meanings-test.csv', [['name[Aromi]', 'A.']]);
    const { train } = load({ path, testPath, trainOn: 'meanings', train: 20 });
    expect(train).toHaveLength(20);
    expect(new Set(train.map(({ input }) => input[0])).size).toBe(20);
    for (const { answer } of train) {
      const { references, meaning } = answer;
      expect(references).toEqual([`One of ${meaning}`, `Two of ${meaning}`]);
    }
  });

  it('chooses among beams the text with the fewest slot errors, the likelier of several', () => {
    const path = write('rerank.csv', twice(meanings));
    const meaning = 'name[Aromi], eatType[pub], food[French]';
    const testPath = write('rerank-test.csv', [[meaning, 'Aromi is a French pub.']]);
    const { choose, test } = load({ path, testPath, rerank: 'slotErrors', answer: { beams: 3 } });
    const chosen = (...texts: string[]) => choose!(texts, test[0]!);
    const texts = ['Aromi is a pub.', 'The French pub is Aromi.', 'Aromi is a French pub.'];
    expect(chosen(...texts)).toBe(texts[1]);
    expect(chosen('Aromi is a cheap French pub.', 'A French pub.')).toBe('Aromi is a cheap French pub.');
    expect(() => choose!(texts, { ...test[0]!, input: ['Aromi'] })).toThrow('"Aromi" is no slot');
    const asWritten = load({ path, testPath, rerank: 'slotErrors', input: 'meaning', answer: { beams: 3 } });
    expect(asWritten.choose!(texts, asWritten.test[0]!)).toBe(texts[1]);
    expect(load({ path, testPath, answer: { beams: 3 } }).choose).toBeUndefined();
    expect(() => Task.parse({ name: 'e2e', path, rerank: 'slotErrors' })).toThrow(
      'chooses among beams, and answer.beams is 1',
    );
  });

  it('reads the meaning as it was before, or as the file has it', () => {
    const path = write('cleaned.csv', twice(meanings));
    const [now, before] = ['name[Aromi], food[French]', 'name[Aromi], eatType[pub]'];
    const testPath = write('cleaned-test.csv', [
      [now, 'A.', before],
      ['name[Aromi]', 'B.', before],
    ]);
    const inputs = (more: object) =>
      load({ path, testPath, ...more })
        .test.map(({ input }) => input[0])
        .toSorted();
    expect(inputs({})).toEqual(['name : Aromi', 'name : Aromi | food : French']);
    expect(inputs({ meaning: 'orig_mr' })).toEqual(['name : Aromi | Type : pub']);
    expect(inputs({ input: 'meaning' })).toEqual(['name[Aromi]', now]);
  });

  it('parts no meaning where it cuts a validation part', () => {
    const dataset = load({
      path: write('cut.csv', twice(meanings)),
      testPath: write('cut-test.csv', twice(['name[Cotto]'])),
    });
    const trained = new Set(dataset.train.map(({ input }) => input[0]));
    expect(dataset.validation.some(({ input }) => trained.has(input[0]))).toBe(false);
    expect(dataset.validation.every(({ answer }) => answer.references.length === 2)).toBe(true);
  });

  it('reads a folder by the names of its release, and names these files as inputs', () => {
    mkdirSync(join(folder, 'original'));
    write('original/trainset.csv', twice(meanings), false);
    write('original/devset.csv', twice(['name[Aromi]']), false);
    write('original/testset_w_refs.csv', twice(['name[Cotto]', 'name[Zizzi]']), false);
    const task = { name: 'e2e', path: join(folder, 'original'), release: 'original' };
    const { train, validation, test } = load(task);
    expect([train.length, validation.length, test.length]).toEqual([60, 1, 2]);
    const config = TrialConfig.parse({
      stage: 'tune',
      task,
      backbone: { name: 'bart-base' },
      method: { name: 'lora' },
    });
    expect(inputsOf(config)).toEqual([
      {
        knob: 'task.path',
        path: task.path,
        kind: 'data-folder',
        files: ['trainset.csv', 'devset.csv', 'testset_w_refs.csv'],
      },
    ]);
  });

  it.each([
    [
      'a slot that E2E does not have',
      [['name[Aromi], colour[red]', 'Red.']],
      /bad.csv, line 2: E2E has no slot colour/,
    ],
    ['a meaning without slots', [['Aromi', 'Red.']], /bad.csv, line 2: "Aromi" has no slot/],
    ['an empty text', [['name[Aromi]', ' ']], /bad.csv, line 2: no text in "ref"/],
  ] satisfies [string, Row[], RegExp][])('refuses %s', (_what, rows, message) => {
    expect(() => load({ path: write('bad.csv', [...rows, ...twice(meanings)]) })).toThrow(message);
  });

  it('says which column a file lacks, and which knobs contradict each other', () => {
    const path = write('plain.csv', twice(meanings), false);
    expect(() => load({ path, meaning: 'orig_mr' })).toThrow(
      /line 2: no column "orig_mr", which task.meaning names; there are mr, ref/,
    );
    expect(() => Task.parse({ name: 'e2e', path, release: 'original' })).toThrow(
      /names the files of a folder/,
    );
    expect(() => Task.parse({ name: 'e2e', path: folder, testPath: path })).toThrow(
      /a folder has all three files/,
    );
  });
});
