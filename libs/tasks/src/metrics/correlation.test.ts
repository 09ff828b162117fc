import { metricFixture } from '../fixtures/texts.js';
import { pearson, spearman } from './correlation.js';

const cases =
  metricFixture<{ a: number[]; b: number[]; pearson: number | null; spearman: number | null }[]>(
    'scipy.json',
  );

const same = (own: number, expected: number | null) => {
  if (expected === null) expect(own).toBeNaN();
  else expect(own).toBeCloseTo(expected, 9);
};

describe('correlations', () => {
  it("are scipy's, of equal numbers too", () => {
    expect(cases.length).toBeGreaterThan(50);
    for (const { a, b, ...expected } of cases) {
      same(pearson(a, b), expected.pearson);
      same(spearman(a, b), expected.spearman);
    }
  });

  it('need pairs', () => {
    expect(() => pearson([1, 2], [1])).toThrow(/needs pairs; there are 2 and 1 numbers/);
    expect(() => spearman([1], [1])).toThrow(/at least two pairs/);
  });
});
