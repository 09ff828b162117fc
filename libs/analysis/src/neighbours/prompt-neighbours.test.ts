import { type Prompt, promptNeighbours } from './prompt-neighbours.js';

/** Six words of width 2: three to the right, two upwards, one to the left. */
const words = ['animal', 'Animals', 'plant', 'act', 'acts', '[CLS]'];
const embeddings = { values: Float32Array.of(4, 0, 4, 0.5, 3, 1, 0, 4, 0.5, 4, -4, 0), width: 2 };
const prompt: Prompt = {
  before: { values: Float32Array.of(-1, 0, 0, 1, 0, 2), width: 2 },
  after: { values: Float32Array.of(2, 0.1, 0, 1, 0, 1), width: 2 },
  embeddings,
  token: (id) => words[id]!,
  labels: new Map([
    ['animal', [0, 1]],
    ['act', [3]],
    ['food', []],
  ]),
};

it('tells what each position is near to, before training and after it', () => {
  const seen = promptNeighbours(prompt, { k: 2, by: 'cosine' });
  const named = (when: 'before' | 'after') => seen.positions.map((p) => p[when].map((n) => n.token));
  expect(named('before')).toEqual([
    ['[CLS]', 'act'],
    ['act', 'acts'],
    ['act', 'acts'],
  ]);
  expect(named('after')).toEqual([
    ['animal', 'Animals'],
    ['act', 'acts'],
    ['act', 'acts'],
  ]);
  expect(seen.positions[0]!.clusters).toEqual([{ words: ['animal', 'Animals'], by: ['string'] }]);
});

it('counts the labels among them and says where they stand, by the nearest of their tokens', () => {
  const { labels, found } = promptNeighbours(prompt, { k: 2, by: 'cosine' });
  expect(found).toEqual({ before: 1, after: 2 });
  expect(labels.after).toEqual([
    { label: 'animal', places: [{ position: 0, rank: 1 }] },
    {
      label: 'act',
      places: [
        { position: 1, rank: 1 },
        { position: 2, rank: 1 },
      ],
    },
    { label: 'food', places: [] },
  ]);
  expect(labels.before[1]!.places).toEqual([
    { position: 0, rank: 2 },
    { position: 1, rank: 1 },
    { position: 2, rank: 1 },
  ]);
});

it('groups positions that share their neighbours, and says how far all have moved', () => {
  const seen = promptNeighbours(prompt, { k: 2, by: 'euclidean' });
  expect(seen.shared.after).toEqual([[1, 2]]);
  expect(seen.positions.map((p) => p.moved)).toEqual([Math.hypot(3, Math.fround(0.1)), 0, 1]);
  expect(seen.meanMoved).toBeCloseTo((Math.hypot(3, 0.1) + 1) / 3, 6);
});

it('leaves out tokens that are no words', () => {
  const seen = promptNeighbours(prompt, { k: 1, by: 'cosine', without: new Set([5]) });
  expect(seen.positions[0]!.before[0]!.token).toBe('act');
});

it('refuses prompts of two shapes', () => {
  const before = { values: Float32Array.of(1, 2), width: 2 };
  expect(() => promptNeighbours({ ...prompt, before }, { k: 1, by: 'dot' })).toThrow('[1, 2] and [3, 2]');
});
