import { Task } from '#contracts/task.js';
import { ofKind } from '../fixtures/answers.js';
import { dataFolder, numbered } from '../fixtures/data-folder.js';
import { loadTask } from '../load-task.js';
import { scoresOf } from '../dataset.js';

const { write } = dataFolder('roles');
const load = (task: object) =>
  ofKind('tags', loadTask(Task.parse({ name: 'semantic-roles', format: 'plain', ...task })));

/** A sentence of two predicates. */
const sentence = (name: string) => `${name} - (A0*) (A0*)
saw see (V*) *
the - (A1* *
dog - *) *
and - * *
left leave * (V*)`;

const tagged = (task: object) => {
  const { train, validation, test, labels } = load(task);
  return [...train, ...validation, ...test].map(({ input, answer }) => ({
    input: input[0],
    tags: answer.tags.map((tag) => labels[tag]).join(' '),
    lost: answer.lost,
  }));
};

describe('semantic roles', () => {
  const path = write('plain.txt', numbered(30, (i) => sentence(`Ann${i}`)).join('\n\n'));

  it('has an example a predicate, which stands in front and is no role itself', () => {
    const found = tagged({ path });
    expect(found).toHaveLength(60);
    expect(found).toContainEqual({
      input: 'saw : Ann3 saw the dog and left',
      tags: 'B-A0 O B-A1 I-A1 O O',
      lost: 0,
    });
    expect(found).toContainEqual({
      input: 'left : Ann3 saw the dog and left',
      tags: 'B-A0 O O O O O',
      lost: 0,
    });
  });

  it('keeps a sentence’s predicates in one split, and is scored by whole spans', () => {
    const dataset = load({ path });
    const sentences = [dataset.train, dataset.validation, dataset.test].map(
      (split) => new Set(split.map(({ answer }) => answer.words[0])),
    );
    expect(sentences.reduce((n, own) => n + own.size, 0)).toBe(30);
    const said = dataset.test.map(({ answer }) => ({ tags: [...answer.tags] }));
    expect(scoresOf(dataset, 'test', { said })).toMatchObject({ f1: 1, tokenAccuracy: 1 });
    expect(dataset.validateBy).toBe('f1');
  });

  it('reads the columns of CoNLL-2005 and CoNLL-2012', () => {
    const words = ['Ann', 'sings', '.'];
    const of2005 = words.map(
      (w, i) => `${w} * NN * * * - ${i === 1 ? 'sing (V*)' : `- ${i === 0 ? '(A0*)' : '*'}`}`,
    );
    const of2012 = words.map(
      (w, i) => `d 0 ${i} ${w} NN * - ${i === 1 ? 'sing.01' : '-'} - X * ${['(ARG0*)', '(V*)', '*'][i]} -`,
    );
    const document = (rows: string[]) =>
      numbered(20, (i) => rows.join('\n').replace('Ann', `Ann${i}`)).join('\n\n');
    const texts = {
      conll2005: document(of2005),
      conll2012: `#begin document (d); part 0\n${document(of2012)}\n#end document`,
    };
    for (const [format, text] of Object.entries(texts)) {
      const found = tagged({ path: write(`${format}.txt`, text), format });
      expect(found).toHaveLength(20);
      expect(found[0]!.tags).toMatch(/^B-A(RG)?0 O O$/);
    }
  });

  it('counts a role that training lacks as missed', () => {
    const testPath = write('other.txt', 'Bo - (AM-TMP*)\nran run (V*)');
    const { test } = load({ path, testPath });
    expect(test[0]!.answer).toMatchObject({ tags: [0, 0], lost: 1 });
  });

  it.each([
    ['a - *\nran run (V*) *', /line 2: 4 columns, and line 1 has 3/],
    ['a\nb', /line 1: 1 columns; expected 2 or more, as task\.format: plain has them/],
    ['a - *\nran run *)', /line 2: "\*\)" ends a role, and none has begun/],
    ['a - (A0*\nran run *', /line 1: the role A0 begins and does not end/],
    ['a - (A0*\nran run (A1*)', /line 2: "\(A1\*\)" begins within A0/],
    ['a - B-A0\nran run *', /line 1: the role is "B-A0"; expected "\(A0\*"/],
    [
      'a see (A0*)\nran run (V*)',
      /line 1: 2 predicates in column 1, and 1 columns of roles; expected one for each/,
    ],
  ])('refuses %j by file and line', (text, message) => {
    expect(() => load({ path: write('broken.txt', text) })).toThrow(message);
  });
});
