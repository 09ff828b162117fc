import { Task } from '#contracts/task.js';
import { scoresOf } from '../dataset.js';
import { ofKind } from '../fixtures/answers.js';
import { dataFolder, numbered } from '../fixtures/data-folder.js';
import { loadTask } from '../load-task.js';

const { folder, json } = dataFolder('restaurant8k-questions');
const load = (task: object = {}) =>
  ofKind('span', loadTask(Task.parse({ name: 'restaurant8k-questions', path: folder, ...task })));

const item = (i: number) => ({
  userInput: { text: `${i} of us at 7 pm` },
  context: { requestedSlots: ['time', 'people', 'time'] },
  labels: [{ slot: 'people', valueSpan: { endIndex: String(i).length } }],
});

describe('restaurant8k-questions', () => {
  json('train_0.json', [...numbered(20, item), { userInput: { text: 'hello' } }]);
  json('train_3.json', numbered(2, item));
  json('test.json', numbered(5, item));

  it('asks for each requested slot once; one without a value has no answer', () => {
    const { train, validation, test } = load();
    expect([train.length, validation.length, test.length]).toEqual([38, 2, 10]);
    const found = test.filter(({ id }) => id.startsWith('test:3:'));
    expect(found.map(({ input, answer }) => [...input, answer.answers])).toEqual(
      expect.arrayContaining([
        ['how many people?', '2 of us at 7 pm', [{ from: 0, to: 1 }]],
        ['which time?', '2 of us at 7 pm', []],
      ]),
    );
  });

  it('is scored as SQuAD 2.0', () => {
    const dataset = load({ subset: 'train_3' });
    expect(dataset.train).toHaveLength(4);
    const said = dataset.test.map(() => ({ text: '', from: null, to: null }));
    expect(scoresOf(dataset, 'test', { said })).toEqual({ f1: 0.5, exactMatch: 0.5 });
  });

  it('refuses a span outside its text, by file and item', () => {
    json('test.json', [
      { ...item(1), labels: [{ slot: 'people', valueSpan: { startIndex: 3, endIndex: 99 } }] },
    ]);
    expect(() => load()).toThrow(/test\.json, item 1: a span of "people" from 3 to 99 of \d+ characters/);
  });
});
