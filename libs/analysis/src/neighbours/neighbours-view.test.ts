import type { Neighbours } from '#contracts/neighbours.js';
import { neighboursView } from './neighbours-view.js';

/** Three positions and six words; cosine alone has much to say. */
const near = (...ids: number[]) => ({ ids, values: ids.map((_, i) => 1 - i / 10) });
const little = { before: [near(0), near(1), near(2)], after: [near(0), near(1), near(2)], moved: [0, 0, 0] };
const kept: Neighbours = {
  tokens: { 0: 'animal', 1: 'Animals', 2: '▁plant', 3: 'act', 4: 'acts', 5: '[CLS]' },
  labels: [
    { label: 'animal', ids: [0, 1] },
    { label: 'act', ids: [3] },
    { label: 'food', ids: [] },
  ],
  related: [[2, 3]],
  measures: {
    cosine: {
      before: [near(5, 3, 4), near(3, 4, 5), near(4, 3, 0)],
      after: [near(1, 0, 5), near(3, 2, 5), near(2, 3, 0)],
      moved: [0.5, 0, 0.25],
    },
    dot: little,
    euclidean: little,
  },
};

it('tells what each position is near to, before training and after it', () => {
  const { positions } = neighboursView(kept, { k: 2, metric: 'cosine' });
  expect(positions[0]).toEqual({
    position: 0,
    before: [
      { id: 5, token: '[CLS]', value: 1 },
      { id: 3, token: 'act', value: 0.9 },
    ],
    after: [
      { id: 1, token: 'Animals', value: 1 },
      { id: 0, token: 'animal', value: 0.9 },
    ],
    moved: 0.5,
    clusters: [{ words: ['Animals', 'animal'], by: ['string'] }],
  });
  expect(positions[1]!.clusters).toEqual([{ words: ['act', '▁plant'], by: ['wordnet'] }]);
});

it('counts the labels among them and says where they stand, by the nearest of their tokens', () => {
  const { labels, found } = neighboursView(kept, { k: 2, metric: 'cosine' });
  expect(found).toEqual({ before: 1, after: 2 });
  expect(labels.after).toEqual([
    { label: 'animal', places: [{ position: 0, rank: 1 }] },
    {
      label: 'act',
      places: [
        { position: 1, rank: 1 },
        { position: 2, rank: 2 },
      ],
    },
    { label: 'food', places: [] },
  ]);
  expect(labels.before[1]!.places.map(({ rank }) => rank)).toEqual([2, 1, 2]);
});

it('groups positions that share their neighbours in any order, and says how far all have moved', () => {
  const { shared, meanMoved } = neighboursView(kept, { k: 2, metric: 'cosine' });
  expect(shared).toEqual({ before: [[1, 2]], after: [[1, 2]] });
  expect(meanMoved).toBe(0.25);
  expect(neighboursView(kept, { k: 1, metric: 'cosine' }).shared).toEqual({ before: [], after: [] });
});

it('refuses more neighbours than were kept', () => {
  expect(() => neighboursView(kept, { k: 2, metric: 'dot' })).toThrow('k is 2; expected 1 to 1');
});
