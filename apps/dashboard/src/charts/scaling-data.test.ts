import { cell } from '../../../../libs/analysis/src/fixtures/cells.js';
import { yDomain } from './y-domain.js';
import { scalingData } from './scaling-data.js';

const grid = (
  accuracies: (length: number, steps: number, seed: number) => number,
  zeroShot: (length: number, steps: number) => number,
) =>
  [1, 5].flatMap((length) =>
    [0, 150].flatMap((steps) =>
      [1, 2].map((seed) => {
        const point = { 'method.length': length, 'backbone.adapt.steps': steps, seed };
        const references = { majority: 0.2, 'zero-shot': zeroShot(length, steps) };
        return cell(length * 1000 + steps * 10 + seed, point, {
          accuracy: accuracies(length, steps, seed),
          references,
        });
      }),
    ),
  );

const dataOf = (cells: ReturnType<typeof grid>) => scalingData(cells, 'method.length', 'accuracy');
const steady = () => 0.5;

describe('the figure', () => {
  it('draws a reference once where it is one, for each line that it belongs to, or as a curve, and never an average of them', () => {
    const byLine = dataOf(grid(steady, (_length, steps) => (steps ? 0.48 : 0.24)));
    expect(byLine.rules.map(({ label, at, line }) => [label, Math.round(at), line])).toEqual([
      ['majority', 20, null],
      ['zero-shot', 24, 'adapt.steps 0'],
      ['zero-shot', 48, 'adapt.steps 150'],
    ]);
    const byBoth = dataOf(grid(steady, (length, steps) => (length + steps) / 1000));
    expect(byBoth.rules.map((r) => r.label)).toEqual(['majority']);
    expect(
      byBoth.curves.map(({ line, points }) => [line, points.map((p) => Number(p.value.toFixed(1)))]),
    ).toEqual([
      ['adapt.steps 0', [0.1, 0.5]],
      ['adapt.steps 150', [15.1, 15.5]],
    ]);
  });

  it('stays within what is possible and near the means, however wide an interval is', () => {
    const wide = dataOf(grid((_length, _steps, seed) => (seed === 1 ? 0.62 : 0.79), steady));
    expect(wide.points[0]).toMatchObject({ low: 0, high: 100 });
    const [low, high] = yDomain(wide);
    expect(low).toBeGreaterThan(45);
    expect(high).toBeLessThanOrEqual(100);
    const [, top] = yDomain(dataOf(grid((_length, _steps, seed) => (seed === 1 ? 0.99 : 1), steady)));
    expect(top).toBe(100);
  });
});
