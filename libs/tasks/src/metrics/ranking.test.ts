import { meanReciprocalRank, precisionAt, rankOf } from './ranking.js';

describe('metrics of ranks', () => {
  const ranks = [1, 3, null, 10, 11, 1];

  it('are shares and means of all examples', () => {
    expect(precisionAt(1, ranks)).toBeCloseTo(2 / 6, 12);
    expect(precisionAt(10, ranks)).toBeCloseTo(4 / 6, 12);
    expect(meanReciprocalRank(ranks)).toBeCloseTo((1 + 1 / 3 + 1 / 10 + 1 / 11 + 1) / 6, 12);
  });

  it('take the worst rank of equal scores', () => {
    expect(rankOf(1, [0.5, 2, -1])).toBe(1);
    expect(rankOf(2, [0.5, 2, -1])).toBe(3);
    expect(rankOf(0, [1, 1, 1])).toBe(3);
    expect(rankOf(0, [1, Number.NaN])).toBe(2);
    expect(rankOf(0, [Number.NEGATIVE_INFINITY, 0])).toBe(2);
  });

  it('refuse what is no rank, and no examples', () => {
    expect(() => precisionAt(1, [0])).toThrow(/whole number from 1, not 0/);
    expect(() => meanReciprocalRank([1.5])).toThrow(/not 1.5/);
    expect(() => meanReciprocalRank([])).toThrow(/no examples is undefined/);
    expect(() => rankOf(3, [1, 2])).toThrow(/candidate 3 of 2 has no score/);
  });
});
