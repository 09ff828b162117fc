/** Published formats that `name: file` reads: XSum's, Debian's index, SQuAD in words, LAMA's. */
import { Task } from '#contracts/task.js';
import { ofKind } from '../../fixtures/answers.js';
import { dataFolder, numbered } from '../../fixtures/data-folder.js';
import { loadTask } from '../../load-task.js';

const { json, jsonl, write } = dataFolder('published');
const load = (task: object) => loadTask(Task.parse({ name: 'file', ...task }));

describe('texts', () => {
  const text = (task: object) => ofKind('text', load({ kind: 'text', ...task }));

  it('are summaries as XSum has them', () => {
    const path = jsonl(
      'xsum.jsonl',
      numbered(60, (i) => ({ document: `long ${i} text`, summary: `${i}.`, id: `${i}` })),
    );
    const { train, test, reportBy } = text({
      path,
      input: '{document}',
      references: 'summary',
      metrics: ['rougeL'],
    });
    expect(train[0]!.answer.references).toHaveLength(1);
    expect(test.length).toBeGreaterThan(0);
    expect(reportBy).toBe('rougeL');
  });

  it('are descriptions of packages, out of a packed index', () => {
    const row = (i: number) => ({ n: `lib${i}`, s: 'perl', t: [], d: `short ${i}`, l: `a long\ntext ${i}` });
    const path = jsonl('packages.jsonl.gz', numbered(60, row));
    const { train, validation, test } = text({ path, input: '{l}', references: 'd' });
    expect(train.length + validation.length + test.length).toBe(60);
    expect(train[0]!.input[0]).toMatch(/^a long\ntext \d+$/);
  });

  const squad = (n: number, answers: (i: number) => object[]) => ({
    version: '1.1',
    data: [
      {
        title: 'T',
        paragraphs: numbered(n, (i) => ({
          context: `Ann has ${i} cats.`,
          qas: [
            { id: `${i}a`, question: 'How many cats?', answers: answers(i) },
            { id: `${i}b`, question: 'Who?', answers: [{ text: 'Ann', answer_start: 0 }] },
          ],
        })),
      },
    ],
  });
  const asked = {
    input: 'question: {question} context: {context}',
    references: 'answers',
    metrics: ['f1', 'exactMatch'],
  };
  const count = (i: number) => ({ text: String(i), answer_start: 8 });

  it('are answers in words to SQuAD’s questions, each once; those of one context stay together', () => {
    const path = json(
      'squad.json',
      squad(40, (i) => [count(i), count(i)]),
    );
    const { train, validation, test } = text({ ...asked, path });
    const splits = [train, validation, test];
    expect(splits.map((own) => own.length % 2)).toEqual([0, 0, 0]);
    expect(splits.reduce((n, own) => n + own.length, 0)).toBe(80);
    const found = splits
      .flat()
      .find(({ input }) => input[0]!.includes('has 7 cats') && input[0]!.includes('many'));
    expect(found).toMatchObject({
      input: ['question: How many cats? context: Ann has 7 cats.'],
      answer: { references: ['7'] },
    });
  });

  it('are no answers to questions that have none', () => {
    const path = json(
      'squad2.json',
      squad(3, () => []),
    );
    expect(() => text({ ...asked, path })).toThrow(
      /item 1: no text in "answers"; a question without an answer is of task\.kind: span/,
    );
  });
});

describe('LAMA', () => {
  const rows = numbered(60, (i) => ({
    uuid: `${i}`,
    sub_label: `Ann ${i}`,
    obj_label: ['Paris', 'Rome', 'Old Town'][i % 3]!,
    masked_sentences: [`Ann ${i} was born in [MASK] .`],
  }));
  const asked = { kind: 'cloze', word: 'obj_label', input: '{masked_sentences}' };

  it('is read by its sentences or by a template of the user’s', () => {
    const path = jsonl('lama.jsonl', rows);
    const own = ofKind('cloze', load({ ...asked, path }));
    const templated = ofKind('cloze', load({ ...asked, path, input: '{sub_label} was born in {mask} .' }));
    expect(own.train.map(({ input }) => input)).toEqual(templated.train.map(({ input }) => input));
    expect(own.labels).toEqual([]);
  });

  it('is over a common vocabulary where one is named; facts of other words are left out', () => {
    const path = jsonl('lama.jsonl', rows);
    const vocabularyPath = write('common.txt', 'Paris\nRome\nBerlin\n');
    const task = Task.parse({ name: 'file', ...asked, path, vocabularyPath });
    const dataset = ofKind('cloze', loadTask(task));
    expect(dataset.labels).toEqual(['Paris', 'Rome', 'Berlin']);
    const all = [...dataset.train, ...dataset.validation, ...dataset.test];
    expect(all).toHaveLength(40);
    expect(all.some(({ answer }) => answer.word === 'Old Town' || answer.candidates)).toBe(false);
    expect((dataset as { warnings?: string[] }).warnings).toContainEqual(
      expect.stringMatching(/the word of 20 of 60 rows is none of task\.vocabularyPath; they are left out$/),
    );
  });

  it.each([
    [
      { candidates: ['Paris', 'Rome'] },
      'Paris',
      /task\.vocabularyPath is for all examples, and task\.candidates for each/,
    ],
    [{}, 'Oslo', /no word of .*lama\.jsonl is one of .*common\.txt/],
  ])('refuses %j with the vocabulary %j', (more, words, message) => {
    const path = jsonl('lama.jsonl', rows);
    const vocabularyPath = write('common.txt', words);
    expect(() => load({ ...asked, ...more, path, vocabularyPath })).toThrow(message);
  });
});
