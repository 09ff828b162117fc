import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Task } from '#contracts/task.js';
import { scoresOf } from '../../dataset.js';
import { ofKind } from '../../fixtures/answers.js';
import { loadTask } from '../../load-task.js';

const folder = mkdtempSync(join(tmpdir(), 'questions-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;

function write(name: string, content: string): string {
  const path = join(folder, `${files++}-${name}`);
  writeFileSync(path, name.endsWith('.gz') ? gzipSync(content) : content);
  return path;
}

const jsonLines = (rows: readonly object[]): string => rows.map((row) => JSON.stringify(row)).join('\n');
const numbered = <T>(n: number, row: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => row(i));
const contextOf = (i: number) => `Town ${i} lies at the river Nee${i}. It has ${i} inns.`;
const spans = (task: object) => ofKind('span', loadTask(Task.parse({ name: 'file', kind: 'span', ...task })));

/** Questions by their text, with the answers' texts. */
function answered(task: object): Record<string, string[]> {
  const { train, validation, test } = spans(task);
  return Object.fromEntries(
    [...train, ...validation, ...test].map(({ input: [question, context], answer }) => [
      question,
      answer.answers.map(({ from, to }) => context!.slice(from, to)),
    ]),
  ) as Record<string, string[]>;
}

describe('questions of contexts', () => {
  const expected = Object.fromEntries(
    numbered(40, (i) => [
      [`Which river ${i}?`, [`Nee${i}`]],
      [`Which sea ${i}?`, []],
    ]).flat(),
  ) as Record<string, string[]>;
  const river = (i: number) => ({ text: `Nee${i}`, answer_start: contextOf(i).indexOf('Nee') });

  it('are read as SQuAD 2.0, as MRQA, and as rows of texts or places', () => {
    const data = numbered(40, (i) => ({
      title: `t${i}`,
      paragraphs: [
        {
          context: contextOf(i),
          qas: [
            {
              id: `${i}a`,
              question: `Which river ${i}?`,
              answers: [river(i), river(i)],
              is_impossible: false,
            },
            { id: `${i}b`, question: `Which sea ${i}?`, answers: [], is_impossible: true },
          ],
        },
      ],
    }));
    expect(answered({ path: write('squad.json', JSON.stringify({ version: 'v2.0', data })) })).toEqual(
      expected,
    );
    const rows = numbered(40, (i) => [
      {
        question: `Which river ${i}?`,
        context: contextOf(i),
        answers: { text: [`Nee${i}`], answer_start: [river(i).answer_start] },
      },
      { question: `Which sea ${i}?`, context: contextOf(i), answers: { text: [], answer_start: [] } },
    ]).flat();
    expect(answered({ path: write('rows.jsonl', jsonLines(rows)) })).toEqual(expected);
    const words = rows.map((row) => ({ ...row, answers: row.answers.text[0] ?? '' }));
    expect(answered({ path: write('words.jsonl', jsonLines(words)) })).toEqual(expected);
    const mrqa = numbered(40, (i) => {
      const { answer_start: from } = river(i);
      const detected_answers = [{ text: `Nee${i}`, char_spans: [[from, from + `Nee${i}`.length - 1]] }];
      return {
        context: contextOf(i),
        qas: [{ qid: `${i}`, question: `Which river ${i}?`, answers: [`Nee${i}`], detected_answers }],
      };
    });
    const packed = write('mrqa.jsonl.gz', jsonLines([{ header: { dataset: 'X', split: 'train' } }, ...mrqa]));
    expect(answered({ path: packed })).toEqual(
      Object.fromEntries(Object.entries(expected).filter(([q]) => q.includes('river'))),
    );
  });

  it('of one context stand in one split', () => {
    const rows = numbered(200, (i) => ({ question: `q${i}`, context: contextOf(i % 40), answers: 'Town' }));
    const { train, validation, test } = spans({ path: write('shared.jsonl', jsonLines(rows)) });
    const trained = new Set(train.map(({ input }) => input[1]));
    expect([...validation, ...test].some(({ input }) => trained.has(input[1]!))).toBe(false);
  });

  it('are scored as SQuAD’s script does, no answer being the empty text', () => {
    const rows = numbered(40, (i) => ({
      question: `q${i}`,
      context: contextOf(i),
      answers: i % 2 ? `the river Nee${i}` : '',
    }));
    const dataset = spans({ path: write('scored.jsonl', jsonLines(rows)) });
    const said = dataset.test.map(({ answer: { answers }, input }) => {
      const [span] = answers;
      return span
        ? { text: input[1]!.slice(span.from + 4, span.to), ...span }
        : { text: '', from: null, to: null };
    });
    expect(scoresOf(dataset, 'test', { said })).toEqual({ f1: 1, exactMatch: 1 }); // "the" counts for nothing
    const none = dataset.references['no-answer']!();
    const empty = dataset.test.filter(({ answer }) => answer.answers.length === 0).length;
    expect(scoresOf(dataset, 'test', { said: none })['exactMatch']).toBeCloseTo(
      empty / dataset.test.length,
      12,
    );
  });

  it.each([
    ['an answer that is not in the context', 'Rhine', /line 1: the answer "Rhine" is not in the context/],
    [
      'an answer that is not where it is said to be',
      { text: 'Town', answer_start: 3 },
      /the answer "Town" is not at character 3 of the context, where "n 0 " stands/,
    ],
    ['an empty answer', { text: ' ', answer_start: 4 }, /an answer is empty/],
    ['an answer that is a number', 5, /"answers" is 5; expected texts, or { text, answer_start }/],
    ['more places than texts', { text: ['Town'], answer_start: [0, 1] }, /expected texts, or/],
  ])('are refused with %s', (_what, answers, message) => {
    const rows = numbered(20, (i) => ({
      question: `q${i}`,
      context: contextOf(i),
      answers: i ? 'Town' : answers,
    }));
    expect(() => spans({ path: write('wrong.jsonl', jsonLines(rows)) })).toThrow(message);
  });

  it('are refused by item and field where a file is SQuAD’s and lacks one', () => {
    const path = write(
      'lacks.json',
      JSON.stringify({ data: [{ paragraphs: [{ context: 'x', qas: [{ id: '1' }] }] }] }),
    );
    expect(() => spans({ path })).toThrow(/lacks.json, item 1: paragraphs.0.qas.0.question: expected a text/);
  });
});

describe('a mask', () => {
  const cloze = (more: object, rows: readonly object[]) =>
    ofKind(
      'cloze',
      loadTask(
        Task.parse({
          name: 'file',
          kind: 'cloze',
          word: 'w',
          path: write('c.jsonl', jsonLines(rows)),
          ...more,
        }),
      ),
    );
  const rows = numbered(60, (i) => ({
    s: `thing ${i}`,
    w: i % 3 ? 'bird' : 'fish',
    t: `thing ${i} is a [MASK].`,
  }));

  it('stands in the template or in a column', () => {
    const inputs = (d: ReturnType<typeof cloze>) =>
      [...d.train, ...d.validation, ...d.test].map(({ input }) => input[0]).toSorted();
    const own = cloze({ input: '{s} is a {mask}.' }, rows);
    expect(inputs(own)[0]).toBe('thing 0 is a {mask}.');
    expect(inputs(cloze({ input: '{t}' }, rows))).toEqual(inputs(own));
  });

  it('is scored by the rank of its word', () => {
    const dataset = cloze({ input: '{t}' }, rows);
    const said = dataset.test.map((_, i) => ({ rank: i === 0 ? null : 2, words: [] }));
    const share = (dataset.test.length - 1) / dataset.test.length;
    const scores = scoresOf(dataset, 'test', { said });
    expect(scores).toMatchObject({ precisionAt1: 0, meanReciprocalRank: share / 2 });
    expect(scores['precisionAt10']).toBeCloseTo(share, 12);
    expect(dataset.references['majority']!()[0]).toMatchObject({ words: ['bird', 'fish'] });
  });

  it.each([
    ['no mask', { input: '{s}' }, {}, /line 1: the text has no mask; expected one/],
    ['two masks', { input: '{t} {mask}' }, {}, /line 1: the text has 2 masks/],
    ['no word', { input: '{t}' }, { w: '' }, /line 1: no word in column "w"/],
    [
      'a word that is no candidate',
      { input: '{t}', candidates: ['bird', 'tree'] },
      {},
      /the word "fish" is none of task.candidates/,
    ],
  ])('is refused where a row has %s', (_what, more, change, message) => {
    expect(() => cloze(more, [{ ...rows[0], ...change }, ...rows.slice(1)])).toThrow(message);
  });
});

describe('numbers of pairs', () => {
  const rows = numbered(60, (i) => ({
    a: `one ${i} two`,
    b: i % 2 ? `one ${i} two` : 'other words',
    v: String(i % 2 ? 5 : 0.5),
  }));
  const numbers = (own: readonly object[]) =>
    ofKind(
      'number',
      loadTask(
        Task.parse({
          name: 'file',
          kind: 'number',
          input: ['{a}', '{b}'],
          value: 'v',
          path: write('n.jsonl', jsonLines(own)),
        }),
      ),
    );

  it('keep their sentences apart, and are scored by correlation', () => {
    const dataset = numbers(rows);
    expect(dataset.test[0]!.input).toHaveLength(2);
    const said = dataset.test.map(({ answer: { value } }) => ({ value: 2 * value + 1 }));
    expect(scoresOf(dataset, 'test', { said })['pearson']).toBeCloseTo(1, 12);
    expect(scoresOf(dataset, 'test', { said: said.map(() => ({ value: 3 })) })['spearman']).toBe(0);
    expect(scoresOf(dataset, 'test', { said: dataset.references['word-overlap']!() })['pearson']).toBeCloseTo(
      1,
      12,
    );
  });

  it('are refused where a value is none', () => {
    expect(() => numbers([{ ...rows[0], v: 'five' }, ...rows.slice(1)])).toThrow(
      /line 1: "v" is "five"; expected a number/,
    );
  });
});
