import type { Prediction, PredictionsHead } from '#contracts/predictions.js';
import { isWrong } from './is-wrong.js';
import { predictionsPage } from './predictions-page.js';

const head: PredictionsHead = { task: 't', kind: 'class', labels: ['a', 'b', 'c'], hash: '' };
const tagged: PredictionsHead = { ...head, kind: 'tags', labels: ['O', 'B-x'] };

/** Right and said labels of a split's examples. */
const pairs = (split: 'test' | 'validation', ...own: [number, number | null][]): Prediction[] =>
  own.map(([label, said], i) => ({
    kind: 'class',
    split,
    id: `${split} ${i}`,
    input: [''],
    answer: { label },
    said: { label: said },
  }));

async function* each(predictions: readonly Prediction[]) {
  yield* predictions;
}

const opened = (own: PredictionsHead, predictions: readonly Prediction[]) => ({
  head: own,
  predictions: each(predictions),
});
const usual = { split: 'test', wrong: false, n: 20, offset: 0 } as const;
const test = pairs('test', [0, 0], [0, 1], [1, null], [2, 2], [2, 1], [0, 1]);
const file = [...pairs('validation', [0, 0], [1, 0]), ...test];
const ids = ({ predictions }: { predictions: Prediction[] }) => predictions.map(({ id }) => id);

describe('a page of predictions', () => {
  it('is of one split, with what all of it amounts to', async () => {
    const page = await predictionsPage(opened(head, file), { ...usual, n: 2, offset: 1 });
    expect(page).toMatchObject({ ...head, split: 'test', examples: 6, wrong: 4, offset: 1 });
    expect(ids(page)).toEqual(['test 1', 'test 2']);
    expect(page.confusion).toEqual([
      { right: 0, said: 0, count: 1 },
      { right: 0, said: 1, count: 2 },
      { right: 1, said: null, count: 1 },
      { right: 2, said: 1, count: 1 },
      { right: 2, said: 2, count: 1 },
    ]);
    expect(await predictionsPage(opened(head, file), { ...usual, split: 'validation' })).toMatchObject({
      examples: 2,
      wrong: 1,
    });
  });

  it('of wrong ones passes over wrong ones alone, and leaves none out', async () => {
    const pages = await Promise.all(
      [0, 1, 2, 3, 4].map((offset) =>
        predictionsPage(opened(head, file), { ...usual, wrong: true, n: 1, offset }),
      ),
    );
    expect(pages.map(ids)).toEqual([['test 1'], ['test 2'], ['test 4'], ['test 5'], []]);
  });

  it('has no confusion of tags', async () => {
    expect(await predictionsPage(opened(tagged, []), usual)).toMatchObject({
      examples: 0,
      wrong: 0,
      confusion: null,
    });
  });
});

it('a text is wrong where any word is, or has spans that no tag can say', () => {
  const of = (said: (number | null)[], lost = 0): Prediction => ({
    kind: 'tags',
    split: 'test',
    id: '',
    input: [''],
    answer: { before: [], words: ['a', 'b'], tags: [0, 1], lost },
    said: { tags: said },
  });
  expect([of([0, 1]), of([0, 0]), of([null, 1]), of([0]), of([0, 1], 1)].map(isWrong)).toEqual([
    false,
    true,
    true,
    true,
    true,
  ]);
});
