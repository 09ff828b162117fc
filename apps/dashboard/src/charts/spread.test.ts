import { spread } from './spread.js';

describe('spread', () => {
  it('leaves labels that have room where they are', () => {
    expect(spread([5, 1, 9], 2)).toEqual([5, 1, 9]);
  });

  it('pushes labels that touch apart around their middle, also in chains', () => {
    expect(spread([10, 10], 2)).toEqual([9, 11]);
    const places = spread([3, 0, 1, 2, 3.5], 2);
    const sorted = places.toSorted((a, b) => a - b);
    for (let i = 1; i < sorted.length; i++) expect(sorted[i]! - sorted[i - 1]!).toBeCloseTo(2);
    expect(places.indexOf(sorted[0]!)).toBe(1); // the order of the values is kept
  });
});
