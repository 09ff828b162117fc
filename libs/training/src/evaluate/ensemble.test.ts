import { probabilities, votedFor } from './ensemble.js';

describe('a vote', () => {
  it.each([
    [[1, 2, 2], 2],
    [[2, 1, 1, 2], 2], // even: the first member's
    [[3, 1, 1, 2, 2], 1], // even: the first among those that are even
    [[0], 0],
    [[null, 4, null], 4],
    [[null, null], null],
  ])('of %j is %j', (labels, voted) => {
    expect(votedFor(labels)).toBe(voted);
  });

  it('is a label that nobody has more votes than, and that nobody with as many said before', () => {
    let drawn = 7;
    const draw = (below: number) => (drawn = (drawn * 48271) % 2147483647) % below;
    for (let round = 0; round < 200; round++) {
      const labels = Array.from({ length: 1 + draw(9) }, () => draw(4));
      const voted = votedFor(labels)!;
      const count = (label: number) => labels.filter((own) => own === label).length;
      for (const label of labels) {
        expect(count(voted)).toBeGreaterThanOrEqual(count(label));
        if (count(label) === count(voted))
          expect(labels.indexOf(voted)).toBeLessThanOrEqual(labels.indexOf(label));
      }
    }
  });
});

it('gives probabilities of scores, whatever their size', () => {
  expect(probabilities(Float32Array.of(0, 0))).toEqual([0.5, 0.5]);
  const [a, b] = probabilities(Float32Array.of(1000, 998));
  expect(a! / b!).toBeCloseTo(Math.exp(2), 5);
  expect(probabilities(Float32Array.of(-1e9, 0, -1e9))).toEqual([0, 1, 0]);
});
