import type { PredictionOf } from '#contracts/predictions.js';
import { estimate } from './statistics.js';
import { cell } from './fixtures/cells.js';
import { pageText, predictionText } from './prediction-text.js';
import { summariseGroup } from './summarise-group.js';

const example = { split: 'test' as const, id: '1', input: ['text'] };

describe('a prediction as text', () => {
  it.each<[string, PredictionOf<'class'>['said'], object]>([
    ['a label', { label: 1, scores: [0.25, 0.123456] }, { said: 'good', score: '0.123' }],
    ['a label without scores', { label: 0 }, { said: 'bad', score: '' }],
    ['a score that is no number', { label: 0, scores: [null, 1] }, { said: 'bad', score: '' }],
    ['no label', { label: null, scores: [0.1, 0.2] }, { said: '(no label)', score: '' }],
    ['words that are no label', { label: null, text: 'so so' }, { said: '(no label: “so so”)', score: '' }],
  ])('names %s', (_, said, shown) => {
    expect(
      predictionText({ labels: ['bad', 'good'] }, { ...example, kind: 'class', answer: { label: 1 }, said }),
    ).toEqual({
      text: 'text',
      right: 'good',
      score: '',
      ...shown,
    });
  });

  it('shows of tagged words those that differ, and what no tag can say', () => {
    const answer = { before: ['when?'], words: ['Bo', 'met', 'Li'], tags: [1, 0, 1], lost: 1 };
    const said = { tags: [1, 1, null] };
    expect(
      predictionText({ labels: ['O', 'B-PER'] }, { ...example, kind: 'tags', answer, said }),
    ).toMatchObject({
      right: 'met/O Li/B-PER (1 of its spans no tag can say)',
      said: 'met/B-PER Li/(none)',
    });
  });
});

it('a page says where it is', () => {
  const page = { split: 'test', examples: 9, wrong: 4, offset: 2, predictions: [1, 2] };
  expect(pageText(page, true)).toBe('test: 4 of 9 wrong; 3 to 4 of the wrong ones');
  expect(pageText({ ...page, offset: 20, predictions: [] }, false)).toBe(
    'test: 4 of 9 wrong; none of all from 21 on',
  );
});

it('the interval of a correlation ends where no correlation can be', () => {
  const cells = [0.9, 0.1].map((value, i) => {
    const own = cell(i, { seed: i });
    return { ...own, summary: { ...own.summary!, test: { matthews: value } } };
  });
  expect(estimate([0.9, 0.1]).high).toBeGreaterThan(1);
  expect(summariseGroup(cells, 'matthews').estimate).toMatchObject({ low: -1, high: 1 });
});
