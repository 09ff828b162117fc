import { estimate, mean, pairedDifference, sampleSd, unitsOf } from './statistics.js';
import tQuantile from '@stdlib/stats-base-dists-t-quantile';

// Reference values: scipy.stats.t.ppf (mpmath at 40 digits near the middle), scipy.stats.t.interval,
// scipy.stats.ttest_rel.
const degrees = [1, 2, 3, 4, 9, 29, 200, 2.5];
const quantiles: [number, number[]][] = [
  [
    0.5001,
    [
      0.0003141592756945358, 0.0002828427181314423, 0.00027206990911051864, 0.0002666666706172841,
      0.00025770877553428137, 0.000252832626350923, 0.00025097635325019844, 0.0002763891391802735,
    ],
  ],
  [
    0.6,
    [
      0.32491969623290634, 0.2886751345948128, 0.2766706623326898, 0.2707222947075976, 0.260955336473911,
      0.25568363457125604, 0.25368437919014747, 0.2814595127485477,
    ],
  ],
  [
    0.9,
    [
      3.0776835371752544, 1.8856180831641272, 1.637744353696209, 1.533206274058944, 1.3830287383966329,
      1.311433647301551, 1.2857987939948012, 1.7302509288071766,
    ],
  ],
  [
    0.975,
    [
      12.706204736174694, 4.302652729749462, 3.1824463052837078, 2.7764451051977934, 2.262157162798205,
      2.045229642132703, 1.9718962236339088, 3.5746548420036817,
    ],
  ],
  [
    0.995,
    [
      63.656741162871526, 9.924843200918287, 5.840909309733355, 4.604094871349992, 3.249835541592126,
      2.756385903670605, 2.600634436191558, 7.163728138948783,
    ],
  ],
  [
    0.9999999,
    [
      3183098.8635132452, 2236.067642678063, 222.57159098625124, 73.98575805751052, 14.040718740925183,
      6.76516019347368, 5.3871933708881565, 553.0599831647646,
    ],
  ],
];
function closeTo(actual: number, expected: number, relative = 1e-9): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(relative * Math.abs(expected));
}

describe('the t quantile that intervals use', () => {
  it.each(quantiles)('equals the reference at p = %f', (p, expected) => {
    degrees.forEach((df, i) => closeTo(tQuantile(p, df), expected[i]!));
    degrees.forEach((df, i) => closeTo(tQuantile(1 - p, df), -expected[i]!, 1e-8));
  });
});

describe('estimate', () => {
  it('equals the reference', () => {
    const three = estimate([0.769, 0.848, 0.824]);
    closeTo(three.mean, 0.8136666666666666);
    closeTo(three.sd!, 0.04050102879351747);
    closeTo(three.halfWidth!, 0.10061013299066268);
    const five = estimate([0.863, 0.871, 0.859, 0.866, 0.868]);
    closeTo(five.sd!, 0.004615192303685734);
    closeTo(five.halfWidth!, 0.005730518128273632);
  });

  it('has no interval for one value, and none at all for none', () => {
    expect(estimate([0.8])).toEqual({
      n: 1,
      mean: 0.8,
      sd: null,
      halfWidth: null,
      low: null,
      high: null,
      level: 0.95,
    });
    expect(sampleSd([0.8])).toBeNull();
    expect(() => mean([])).toThrow('no mean of no values');
  });

  it('has width 0 for equal values', () => {
    expect(estimate([0.1, 0.1, 0.1])).toMatchObject({ mean: 0.1, sd: 0, halfWidth: 0 });
  });

  it('cuts an interval at what is possible, and the half-width stays what it is', () => {
    const cut = estimate([0.62, 0.79], { possible: [0, 1] });
    expect(cut).toMatchObject({ low: 0, high: 1 });
    closeTo(cut.halfWidth!, 1.080027402574849); // t(0.975; 1) · sd / √2
    expect(estimate([0.62, 0.79])).toMatchObject({
      low: expect.closeTo(0.705 - cut.halfWidth!, 12),
      high: expect.closeTo(0.705 + cut.halfWidth!, 12),
    });
  });

  it('covers a true mean in 95 % of experiments', () => {
    const draws = 4000;
    for (const n of [2, 3, 5]) {
      const gauss = seededGauss(n);
      let covered = 0;
      for (let i = 0; i < draws; i++) {
        const { mean, halfWidth } = estimate(Array.from({ length: n }, () => 0.7 + 0.02 * gauss()));
        covered += Number(Math.abs(mean - 0.7) <= halfWidth!);
      }
      expect(Math.abs(covered / draws - 0.95)).toBeLessThan(0.0125); // 3.6 standard errors
    }
  });
});

describe('draws of training examples', () => {
  const gauss = seededGauss(11);
  /** What is over one draw moves far more between draws than between seeds. */
  const study = (draws: number, seeds: number) =>
    Array.from({ length: draws }, (_, draw) => {
      const own = 0.7 + 0.02 * gauss();
      return Array.from({ length: seeds }, (_, seed) => ({ draw, seed, value: own + 0.005 * gauss() }));
    }).flat();

  it('are what a mean is over: its interval covers the true mean in 95 % of experiments', () => {
    const rounds = 4000;
    const covered = { draws: 0, all: 0 };
    for (let i = 0; i < rounds; i++) {
      const values = study(5, 2);
      const holds = ({ mean, halfWidth }: ReturnType<typeof estimate>) => Math.abs(mean - 0.7) <= halfWidth!;
      covered.draws += Number(holds(estimate(unitsOf(values, 5))));
      covered.all += Number(holds(estimate(values.map((v) => v.value))));
    }
    expect(Math.abs(covered.draws / rounds - 0.95)).toBeLessThan(0.0125); // 3.6 standard errors
    expect(covered.all / rounds).toBeLessThan(0.9); // as if ten trials were ten independent measurements
  });

  it('count alike, however many seeds of each were measured', () => {
    const values = [
      { draw: 0, seed: 1, value: 0.5 },
      { draw: 0, seed: 2, value: 0.7 },
      { draw: 3, seed: 1, value: 0.8 },
    ];
    expect(unitsOf(values, 2)).toEqual([expect.closeTo(0.6, 12), 0.8]);
    expect(unitsOf(values, 1)).toEqual([0.5, 0.7, 0.8]);
  });

  it('are paired seed by seed, and differ by the means of draws', () => {
    const a = study(4, 3);
    const b = a.map((r) => ({ ...r, value: r.value - 0.1 * (r.draw + 1) }));
    expect(pairedDifference(a, b.toReversed())).toMatchObject({
      n: 4,
      mean: expect.closeTo(0.25, 12),
      unpaired: 0,
    });
    expect(pairedDifference(a, b.slice(1))).toMatchObject({ n: 4, unpaired: 1 });
  });
});

describe('pairedDifference', () => {
  const a = [0.769, 0.848, 0.824].map((value, seed) => ({ seed, value }));
  const b = [0.761, 0.85, 0.801].map((value, seed) => ({ seed, value }));

  it('equals the reference, in any order of seeds', () => {
    const d = pairedDifference(a, b.toReversed())!;
    closeTo(d.mean, 0.009666666666666638, 1e-9);
    closeTo(d.sd!, 0.012583057392117868);
    closeTo(d.halfWidth!, 0.031258047396878756);
    closeTo(d.p!, 0.31474816849194165);
  });

  it('uses shared seeds only and says how many it left out', () => {
    expect(pairedDifference(a, [...b.slice(1), { seed: 9, value: 0.1 }])).toMatchObject({
      n: 2,
      unpaired: 2,
    });
    expect(pairedDifference(a, [{ seed: 9, value: 0.1 }])).toBeNull();
    expect(pairedDifference(a.slice(0, 1), b)).toMatchObject({ n: 1, sd: null, halfWidth: null, p: null });
  });

  it('has no spread where differences are equal but for rounding', () => {
    const values = (shift: number) => [0.85, 0.75, 0.65].map((v, seed) => ({ seed, value: v + shift }));
    const d = pairedDifference(values(0.1), values(0.3))!;
    expect(d).toMatchObject({ n: 3, mean: expect.closeTo(-0.2, 12), sd: 0, halfWidth: 0, p: 0 });
    const draws = [0, 1].flatMap((draw) => [0.1, 0.2, 0.4].map((value, seed) => ({ draw, seed, value })));
    const noisy = draws.map(({ value, ...r }) => ({ ...r, value: value + 1e-17 * r.seed }));
    expect(pairedDifference(draws, noisy)).toMatchObject({ n: 2, mean: 0, sd: 0, p: 1 });
    expect(
      pairedDifference(values(0), [...values(1e-6).slice(0, 2), { seed: 2, value: 0.6 }])!.sd,
    ).toBeGreaterThan(0);
  });

  it('finds a difference in 5 % of null experiments', () => {
    const gauss = seededGauss(7);
    const draw = () => [1, 2, 3].map((seed) => ({ seed, value: gauss() }));
    const found = Array.from({ length: 4000 }, () => pairedDifference(draw(), draw())!.p!).filter(
      (p) => p < 0.05,
    ).length;
    expect(Math.abs(found / 4000 - 0.05)).toBeLessThan(0.0125);
  });
});

/** Normal numbers by Box and Muller over a 32-bit mixing generator (mulberry32). */
function seededGauss(seed: number): () => number {
  let state = seed;
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}
