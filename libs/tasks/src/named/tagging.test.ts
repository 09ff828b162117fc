import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Task } from '#contracts/task.js';
import { TuneConfig } from '#contracts/trial.js';
import { dataIssues } from '../check/data-issues.js';
import { scoresOf } from '../dataset.js';
import { joined } from '../example.js';
import { ofKind, tagsSaid } from '../fixtures/answers.js';
import { loadTask } from '../load-task.js';
import { spansOf } from '../metrics/spans.js';
import { readTagged, readTaggedInTurns } from '../reading/read-tagged.js';

const folder = mkdtempSync(join(tmpdir(), 'tagging-'));
afterAll(() => rmSync(folder, { recursive: true }));

const write = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

const texts = Array.from({ length: 60 }, (_, i) => ({
  tokens: ['Anna', `met${i}`, 'Bo', 'Li', '.'],
  tags: ['B-PER', 'O', 'B-PER', 'I-PER', 'O'],
  page: i % 20,
}));
const lines = (rows: object[]): string => rows.map((r) => JSON.stringify(r)).join('\n');
const jsonl = write('names.jsonl', lines(texts));
const columns = (of: typeof texts): string =>
  of.map(({ tokens, tags }) => tokens.map((t, i) => `${t} X ${tags[i]}`).join('\n')).join('\n\n');
const conll = write('names.conll', `-DOCSTART- -X- O\n\n${columns(texts)}\n\n\n`);

const load = (more: object) =>
  ofKind('tags', loadTask(Task.parse({ name: 'tagging', path: jsonl, ...more })));
const everything = ({ train, validation, test }: ReturnType<typeof load>) => [
  ...train,
  ...validation,
  ...test,
];

describe('a file of tagged words', () => {
  it('reads the same from JSONL and columns', () => {
    const [rows, sentences] = [load({}), load({ path: conll })];
    const read = (d: typeof rows) =>
      everything(d)
        .map(({ input, answer }) => ({ input, answer }))
        .toSorted((a, b) => (joined(a.input) < joined(b.input) ? -1 : 1));
    expect(read(sentences)).toEqual(read(rows));
    expect(everything(rows)).toHaveLength(60);
    expect(rows.labels).toEqual(['B-PER', 'I-PER', 'O']);
    expect(rows.labelWords).toEqual(['PER', 'PER', 'other']);
    expect(rows.validateBy).toBe('f1');
  });

  it('is read at once and in turns', async () => {
    for (const path of [jsonl, conll]) expect(await readTaggedInTurns(path)).toEqual(readTagged(path));
  });

  it('scores whole spans, and words that were cut as wrong', () => {
    const data = load({});
    const right = data.test.flatMap((e) => e.answer.tags);
    expect(scoresOf(data, 'test', { said: tagsSaid(data.test, right) })).toEqual({
      f1: 1,
      precision: 1,
      recall: 1,
      tokenAccuracy: 1,
    });
    const cut = right.map((tag, i) => (i % 5 >= 3 ? -1 : tag)); // "Bo" alone is no longer "Bo Li"
    expect(scoresOf(data, 'test', { said: tagsSaid(data.test, cut) })).toEqual({
      f1: 0.5,
      precision: 0.5,
      recall: 0.5,
      tokenAccuracy: 0.6,
    });
    expect(() => scoresOf(data, 'test', { said: tagsSaid(data.test.slice(1), right) })).toThrow(
      /answers for/,
    );
    expect(() => scoresOf(data, 'test', { said: tagsSaid(data.test, right.slice(1)) })).toThrow(/tags for/);
  });

  it('scores parts of speech by the share of words', () => {
    const universal = write(
      'pos.conllu',
      `# text = the cats\n${'1-2\tthecats\t_\t_\n1\tthe\tthe\tDET\n2\tcats\tcat\tNOUN\n3.1\te\te\tX\n\n'.repeat(40)}`,
    );
    const other = write('pos-test.conllu', readFileSync(universal, 'utf8'));
    const data = load({
      path: universal,
      wordColumn: 1,
      tagColumn: 3,
      testPath: other,
      validationPath: other,
    });
    expect(data.labels).toEqual(['DET', 'NOUN']);
    expect(data.train[0]!.input[0]).toBe('the cats');
    expect(
      scoresOf(data, 'test', {
        said: tagsSaid(
          data.test,
          Array.from({ length: 80 }, (_, i) => (i % 2 ? 1 : -1)),
        ),
      }),
    ).toEqual({ accuracy: 0.5 });
  });

  it('keeps groups together and files apart', () => {
    const { train, validation, test } = load({ groupBy: 'page' });
    const groups = new Set(train.map((e) => e.group));
    expect([...validation, ...test].some((e) => groups.has(e.group))).toBe(false);
    const own = load({ testPath: write('test.jsonl', lines(texts.slice(0, 3))) });
    expect(own.test).toHaveLength(3);
    expect(own.train.length + own.validation.length).toBe(60);
  });

  const bad = (name: string, row: object) => ({ path: write(name, lines([...texts, row])) });
  it.each([
    ['a missing file', { path: '/nowhere/x.conll' }, /the data file \/nowhere\/x.conll does not exist/],
    ['an empty file', { path: write('empty.conll', '\n\n') }, /empty.conll is empty/],
    [
      'lengths that differ',
      bad('a.jsonl', { tokens: ['a', 'b'], tags: ['O'] }),
      /a.jsonl, line 61: 2 words in "tokens" and 1 tags in "tags"/,
    ],
    [
      'a field that is not there',
      { words: 'words' },
      /line 1: no field "words", which task.words names; there are tokens, tags, page/,
    ],
    [
      'words that are no list',
      bad('b.jsonl', { tokens: 'a b', tags: ['O'] }),
      /b.jsonl, line 61: "tokens" is no list of words/,
    ],
    [
      'a text without words',
      bad('c.jsonl', { tokens: [], tags: [] }),
      /c.jsonl, line 61: no words in "tokens"/,
    ],
    [
      'a tag that only the test file has',
      { testPath: write('d.jsonl', lines([{ tokens: ['a'], tags: ['B-LOC'] }])) },
      /d.jsonl, line 1: the tag "B-LOC" is none of the training file's: B-PER, I-PER, O/,
    ],
    [
      'one tag only',
      { path: write('e.jsonl', lines([{ tokens: ['a'], tags: ['O'] }])) },
      /e.jsonl has one tag only: "O"/,
    ],
    [
      'other tags as spans',
      { ...bad('f.jsonl', { tokens: ['a'], tags: ['VERB'] }), scheme: 'spans' },
      /task.scheme is "spans", and .*f.jsonl has the tag "VERB"/,
    ],
    [
      'columns that vary',
      { path: write('g.conll', 'a X O\nb O\n') },
      /g.conll, line 2: 2 columns, and line 1 has 3/,
    ],
    [
      'a column that is not there',
      { path: conll, tagColumn: 7 },
      /names.conll, line 3: 3 columns, and a word and its tag are expected in 0 and 7/,
    ],
    ['one column', { path: write('h.conll', 'a\nb\n') }, /h.conll, line 1: 1 columns/],
    [
      'groups of columns',
      { path: conll, groupBy: 'page' },
      /task.groupBy names "page", and .*names.conll has columns/,
    ],
    ['more than there is', { test: 100 }, /task.test asks for 100 examples/],
  ])('refuses %s, also at submission', async (_what, more, message) => {
    // prettier-ignore
    expect(() => load(more)).toThrow(message);
    const task = Task.parse({ name: 'tagging', path: jsonl, ...more });
    const config = TuneConfig.parse({
      stage: 'tune',
      backbone: { name: 'minilm-l6' },
      task,
      method: { name: 'head' },
    });
    const { refusals: issues } = await dataIssues([{ grid: 'g', config }], {
      elsewhere: false,
      largest: 1e6,
    });
    expect(issues.map((i) => i.message)).toEqual([
      expect.stringMatching(/does not exist/.test(String(message)) ? /does not exist/ : message),
    ]);
  });
});

describe('restaurant8k', () => {
  const item = (text: string, spans: [string, string][], requestedSlots?: string[]) => ({
    userInput: { text },
    ...(spans.length && {
      labels: spans.map(([slot, part]) => ({
        slot,
        valueSpan: {
          ...(text.indexOf(part) && { startIndex: text.indexOf(part) }),
          endIndex: text.indexOf(part) + part.length,
        },
      })),
    }),
    ...(requestedSlots && { context: { requestedSlots } }),
  });
  const items = [
    item('Anna Li, for 2 at 8:45 tonight', [
      ['first_name', 'Anna'],
      ['last_name', 'Li'],
      ['people', '2'],
      ['time', '8:45 tonight'],
      ['date', 'tonight'],
    ]),
    item('13:00pm', [['time', '13:00']], ['time', 'time']),
    item('the quarter to 8', [['time', ' quarter to 8']]),
    ...Array.from({ length: 17 }, (_, i) => item(`no ${i}`, [])),
  ];
  for (const name of ['train_0', 'test']) write(`${name}.json`, JSON.stringify(items));
  write('train_5.json', JSON.stringify(items.slice(0, 3)));
  const load = (more: object = {}) =>
    ofKind('tags', loadTask(Task.parse({ name: 'restaurant8k', path: folder, ...more })));

  it('reads spans as tags of words, and counts what tags can not say', () => {
    const { test, labels } = load();
    const [names, partly, spaced] = [1, 2, 3].map((n) => test.find((e) => e.id === `test:${n}`)!.answer);
    const spans = (t: typeof names) =>
      spansOf(t!.tags.map((i) => labels[i]!)).map(
        ({ type, from, to }) => `${type}: ${t!.words.slice(from, to + 1).join(' ')}`,
      );
    expect(spans(names)).toEqual(['first_name: Anna', 'last_name: Li', 'people: 2', 'time: 8 : 45 tonight']);
    expect(names!.lost).toBe(1); // "tonight" is a date too
    expect(partly).toMatchObject({
      before: ['time', ':'],
      words: ['13', ':', '00pm'],
      tags: [0, 0, 0],
      lost: 1,
    });
    expect(spans(spaced)).toEqual(['time: quarter to 8']);
  });

  it('validates on the end of train_0, whatever it is trained on', () => {
    const [whole, small] = [load(), load({ subset: 'train_5' })];
    expect(whole.validation.map((e) => e.id).toSorted()).toEqual(['train:19', 'train:20']);
    expect(small.validation).toEqual(whole.validation);
    expect(small.train).toHaveLength(3);
    expect(whole.train).toHaveLength(18);
    expect(load({ requestedSlots: false }).test.every((e) => e.answer.before.length === 0)).toBe(true);
  });

  it('says which file it misses', () => {
    expect(() => load({ path: join(folder, 'no') })).toThrow(/no\/train_0.json does not exist/);
  });
});
