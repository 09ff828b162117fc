import { Task } from '#contracts/task.js';
import { joined } from '../example.js';
import { ofKind } from '../fixtures/answers.js';
import { loadTask } from '../load-task.js';

const load = (task: object = {}) =>
  ofKind('cloze', loadTask(Task.parse({ name: 'wordnet-hypernyms', ...task })));

describe('wordnet-hypernyms', () => {
  const whole = load({ atLeast: 1 });
  const all = [...whole.train, ...whole.validation, ...whole.test];
  const byInput = new Map(all.map((example) => [joined(example.input), example.answer.word]));

  it('says what a noun is a kind of', () => {
    expect(byInput.get('a golf ball is a kind of {mask}.')).toBeUndefined(); // a ball: the noun tells it
    expect(byInput.get('a robin is a kind of {mask}.')).toBe('thrush');
    expect(byInput.get('an owl is a kind of {mask}.')).toBeUndefined(); // a bird of prey: more than one word
    expect(byInput.get('an elm is a kind of {mask}.')).toBe('tree');
    expect(all.every(({ input: [text] }) => text!.split('{mask}').length === 2)).toBe(true);
  });

  it('keeps hypernyms that are right often enough, and synsets apart', () => {
    const { train, validation, test, references } = load({ atLeast: 50 });
    const counts = new Map<string, number>();
    for (const { answer } of [...train, ...validation, ...test])
      counts.set(answer.word, (counts.get(answer.word) ?? 0) + 1);
    expect(Math.min(...counts.values())).toBeGreaterThanOrEqual(50);
    const ids = [train, validation, test].flatMap((split) => split.map(({ id }) => id));
    expect(new Set(ids).size).toBe(ids.length);
    expect(references['majority']!()[0]!.words[0]).toBe('person');
  });

  it('fills a template of the user’s, and takes nested subsets', () => {
    const few = load({ template: 'Every {word} is some {mask}', train: 50, validation: 10, test: 10 });
    expect(few.train).toHaveLength(50);
    expect(few.train[0]!.input[0]).toMatch(/^Every an? [a-z -]+ is some \{mask\}$/);
  });

  it.each(['{word} is a kind of thing', '{mask} is {mask} of {word}', 'a kind of {mask}'])(
    'refuses the template %j',
    (template) => {
      const { error } = Task.safeParse({ name: 'wordnet-hypernyms', template });
      expect(error?.issues[0]).toMatchObject({
        path: ['template'],
        message: 'expected one {word} and one {mask}',
      });
    },
  );

  it('refuses more examples than there are', () => {
    expect(() => load({ train: 1_000_000 })).toThrow(/task\.train asks for 1000000 examples, and there are/);
  });
});
