import { parse } from 'csv-parse/sync';
import type { CellView } from '#contracts/experiment.js';
import { ablation, cell } from './fixtures/cells.js';
import { formatTables } from './format-table.js';
import { type Asked, gridTables } from './grid-tables.js';

/** The shape of the demo: method.length x method.init in one grid, method.length x backbone.adapt.steps in
 *  the other. */
function demo(): CellView[] {
  const cells = ablation().map((c) => ({ ...c, grid: 'init' }));
  for (const length of [5, 20])
    for (const steps of [0, 150])
      for (const seed of [1, 2, 3]) {
        const point = { 'method.length': length, 'backbone.adapt.steps': steps, seed };
        const change = {
          grid: 'adaptation',
          references: { 'zero-shot': steps ? 0.418 : 0.238, majority: 0.195 },
        };
        cells.push(cell(cells.length, point, { ...change, accuracy: 0.5 + length / 100 + seed / 1000 }));
      }
  return cells;
}

const textOf = (asked: Asked) => formatTables(gridTables(demo(), asked), 'text');

describe('the tables of several grids', () => {
  it('are the same, one cell after another changing, as when they are made from nothing', () => {
    const cells = demo();
    for (const [place, before] of cells.entries()) {
      cells[place] = { ...before, summary: { ...before.summary!, test: { accuracy: place / cells.length } } };
      expect(gridTables(cells, {})).toEqual(gridTables(structuredClone(cells), {}));
    }
  });

  it('lays out as asked the grids that have the axes, and the others as usual, with a remark', () => {
    const [init, adaptation] = gridTables(demo(), { rows: ['method.length'], cols: ['method.init'] });
    expect([init!.grid, init!.table.rows, init!.table.cols]).toEqual([
      'init',
      ['method.length'],
      ['method.init'],
    ]);
    expect([adaptation!.table.rows, adaptation!.table.cols]).toEqual([
      ['method.length'],
      ['backbone.adapt.steps'],
    ]);
    expect(textOf({ rows: ['method.init'] })).toContain(
      'adaptation lacks the axis method.init, and is laid out as usual.',
    );
    expect(textOf({})).not.toContain('laid out as usual');
  });

  it('shows the grids that are asked for alone', () => {
    expect(gridTables(demo(), { grids: ['adaptation'] }).map((t) => t.grid)).toEqual(['adaptation']);
    expect(gridTables(demo(), { grids: ['adaptation', 'init'] }).map((t) => t.grid)).toEqual([
      'init',
      'adaptation',
    ]);
  });

  const has =
    'init has method.length, method.init, seed; adaptation has method.length, backbone.adapt.steps, seed';
  it.each([
    [{ rows: ['method.lenght'] }, `no axis "method.lenght"; ${has}`],
    [
      { rows: ['method.init'], cols: ['backbone.adapt.steps'] },
      `no grid has all of method.init, backbone.adapt.steps; ${has}`,
    ],
    [
      { grids: ['adaptation'], rows: ['method.init'] },
      'no axis "method.init"; adaptation has method.length, backbone.adapt.steps, seed',
    ],
    [{ grids: ['none'] }, 'no grid "none"; there are init, adaptation'],
    [{ rows: ['seed'], cols: ['seed'] }, 'axis "seed" is placed twice'],
    [
      { metric: 'nope' },
      'no metric "nope"; there are accuracy, validation.accuracy, bestStep, steps, trainableParameters',
    ],
  ] as [Asked, string][])('refuses %j, and lists what there is', (asked, message) => {
    expect(() => gridTables(demo(), asked)).toThrow(RangeError);
    expect(() => gridTables(demo(), asked)).toThrow(message);
  });

  it('takes any metric while nothing is measured', () => {
    const cells = demo().map((c) => ({ ...c, state: 'ready' as const, summary: null }));
    expect(gridTables(cells, { metric: 'nope' })).toHaveLength(2);
  });

  it('writes one tidy CSV table with the grid and the references as columns', () => {
    const records: Record<string, string>[] = parse(formatTables(gridTables(demo(), {}), 'csv'), {
      columns: true,
    });
    expect(records).toHaveLength(12); // 6 + 2 baselines, 4
    expect(Object.keys(records[0]!).slice(0, 6)).toEqual([
      'grid',
      'method.length',
      'method.init',
      'backbone.adapt.steps',
      'baseline',
      'metric',
    ]);
    expect(records.at(-1)).toMatchObject({
      grid: 'adaptation',
      'method.length': '20',
      'method.init': '',
      'backbone.adapt.steps': '150',
      n: '3',
      'reference.majority': '0.195',
      'reference.zero-shot': '0.418',
    });
    expect(records.filter((r) => r['baseline'] === 'head')).toMatchObject([
      { grid: 'init', 'method.length': '' },
    ]);
    expect(JSON.parse(formatTables(gridTables(demo(), {}), 'json'))).toHaveLength(2);
  });
});
