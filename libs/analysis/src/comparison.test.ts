import { formatComparisons } from './comparison-text.js';
import { compare, type Comparison } from './comparison.js';
import { ablation, cell } from './fixtures/cells.js';

const points = ({ change = {} as Record<string, number | null> } = {}) =>
  ['lora', 'head'].flatMap((name, m) =>
    ['float32', 'bfloat16'].flatMap((precision, p) =>
      [1, 2, 3].map((seed) => {
        const own = change[`${name} ${precision} ${seed}`];
        const point = { method: { name }, 'training.precision': precision, seed };
        const accuracy = own ?? 0.8 + m / 10 + seed / 100 + (p * seed) / 1000;
        return cell(100 * m + 10 * p + seed, point, own === null ? { state: 'failed' } : { accuracy });
      }),
    ),
  );

const formatComparison = (comparison: Comparison, format: 'text' | 'markdown') =>
  formatComparisons([{ grid: 'g', comparison }], format);

const asked = { metric: 'accuracy', axis: 'training.precision' };

describe('compare', () => {
  it('pairs seeds: 0.1, 0.2 and 0.3 points have mean 0.2 and half-width 4.3027 x 0.1 / sqrt(3)', () => {
    const { against, rows, others } = compare(points(), asked);
    expect({ against, rows, n: others.length }).toEqual({ against: 'float32', rows: ['method'], n: 1 });
    const [lora, head] = others[0]!.body.map(({ difference }) => difference!);
    for (const difference of [lora!, head!]) {
      expect(difference.mean).toBeCloseTo(0.002, 12);
      expect(difference.halfWidth).toBeCloseTo((4.302652729696142 * 0.001) / Math.sqrt(3), 9);
      // scipy 1.15: stats.ttest_1samp([0.001, 0.002, 0.003], 0)
      expect(difference.p).toBeCloseTo(0.07417990022744853, 9);
    }
    expect(others[0]!.mean).toMatchObject({ n: 2, mean: expect.closeTo(0.002, 12) });
  });

  it('takes the other side by name, and turns the sign', () => {
    const { others } = compare(points(), { ...asked, against: 'bfloat16' });
    expect(others[0]!.body[0]!.difference!.mean).toBeCloseTo(-0.002, 12);
  });

  it('leaves a seed that one side lacks out of the difference, and says so', () => {
    const cells = points({ change: { 'lora bfloat16 2': null } });
    const comparison = compare(cells, asked);
    expect(comparison.others[0]!.body[0]!.difference).toMatchObject({ n: 2, unpaired: 1 });
    const text = formatComparison(comparison, 'text');
    expect(text).toContain('+0.2 ± 1.3 (n 2)');
    expect(text).toContain('Replicates without a partner, in no difference: 1.');
  });

  it('writes each row with both means, and the mean of the rows last', () => {
    const lines = formatComparison(compare(points(), asked), 'text').split('\n');
    expect(lines[0]).toMatch(/^method +float32 +bfloat16 +difference +p$/);
    expect(lines[2]).toMatch(/^lora +82\.0 ± 2\.5 +82\.2 ± 2\.7 +\+0\.2 ± 0\.2 +0\.074$/);
    expect(lines[5]).toBe('mean of 2 differences  +0.2 (2 equal)');
    const markdown = formatComparison(compare(points(), asked), 'markdown').split('\n');
    expect(markdown[4]).toBe('| mean of 2 differences |  |  | +0.2 (2 equal) |  |');
  });

  it.each([
    [
      { axis: 'training.precison' },
      /no axis "training\.precison" to compare along; there are method, training/,
    ],
    [{ axis: 'seed' }, /no axis "seed" to compare along/],
    [{ against: 'float16' }, /training\.precision is never "float16"; it is float32, bfloat16/],
  ])('refuses %j', (change, message) => {
    expect(() => compare(points(), { ...asked, ...change })).toThrow(message);
  });

  it('has a value of several against the first, baselines in none', () => {
    const { others, rows } = compare(ablation(), { metric: 'accuracy', axis: 'method.length' });
    expect(rows).toEqual(['method.init']);
    expect(others.map(({ value }) => value)).toEqual([5, 20]);
    expect(others[1]!.body[0]!.difference!.mean).toBeCloseTo(19 / 200, 12);
  });

  it('says values that differ deep down differently, takes them by that, and steers no terminal', () => {
    const answers = [{ beams: 1 }, { beams: 5 }].map((answer) => ({ task: { name: 'e2e', answer } }));
    const cells = answers.flatMap((evaluate, i) =>
      [1, 2].map((seed) => cell(10 * i + seed, { evaluate, seed }, { accuracy: 0.7 + i / 10 })),
    );
    const against = 'e2e (task.answer.beams 5)';
    const comparison = compare(cells, { metric: 'accuracy', axis: 'evaluate', against });
    expect(comparison.others[0]!.mean!.mean).toBeCloseTo(-0.1, 12);
    const named = ['a', 'b\u001b[2J'].map((grid) => ({ grid, comparison }));
    const text = formatComparisons(named, 'text');
    expect(text).toMatch(/^a\n\n +e2e \(task\.answer\.beams 5\) +e2e \(task\.answer\.beams 1\) +difference/);
    expect(text).not.toContain('\u001b');
    expect(JSON.parse(formatComparisons(named, 'json'))).toHaveLength(2);
  });
});
