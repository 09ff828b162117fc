import type { TrialState } from '#contracts/trial.js';
import { ablation, cell, uuid } from './fixtures/cells.js';
import { formatTable, tableFormats } from './format-table.js';
import { axesOf, defaultLayout } from './layout.js';
import { pivot, type Table } from './pivot.js';
import { type Group, isEnded } from './summarise-group.js';

const states: TrialState[] = [
  'blocked',
  'ready',
  'dispatched',
  'running',
  'succeeded',
  'failed',
  'cancelled',
  'pruned',
];

function groupsOf(table: Table): Group[] {
  return [
    ...table.body.flatMap((r) => r.groups.flatMap((g) => g ?? [])),
    ...table.baselines.map((b) => b.group),
  ];
}

const layout = { rows: ['method.length'], cols: ['method.init'], metric: 'accuracy' };

describe('pivot', () => {
  it('takes means over seeds, numbers ascending, baselines beside the grid', () => {
    const table = pivot(ablation(), layout);
    expect(table.body.map((r) => r.values)).toEqual([[1], [5], [20]]);
    expect(table.columns).toEqual([['random'], ['vocabulary']]);
    expect(table.body[2]!.groups[0]!.estimate).toMatchObject({
      n: 3,
      mean: expect.closeTo(0.82, 12),
      sd: expect.closeTo(0.01, 12),
    });
    expect(table.baselines.map((b) => [b.label, b.group.estimate?.n])).toEqual([
      ['head', 3],
      ['full, learningRate 1e-4', 3],
    ]);
    expect(table.references).toContainEqual({ name: 'zero-shot', min: 0.599, max: 0.599 });
  });

  const drawn = () =>
    [50, 100].flatMap((train, t) =>
      [0, 1, 2].flatMap((draw) =>
        [1, 2].map((seed) => {
          const point = { 'task.train': train, 'task.draw': draw, seed };
          return cell(100 * t + 10 * draw + seed, point, {
            accuracy: 0.6 + train / 1000 + draw / 50 + seed / 100,
          });
        }),
      ),
    );

  it('takes means over draws of the training examples, of their seeds first, unless a table places them', () => {
    const cells = drawn();
    const asked = { rows: ['task.train'], cols: [], metric: 'accuracy' };
    const table = pivot(cells, asked);
    expect(table.added).toEqual([]);
    // the draws' means are 0.665, 0.685 and 0.705
    expect(table.body[0]!.groups[0]).toMatchObject({
      cells: 6,
      draws: 3,
      estimate: { n: 3, mean: expect.closeTo(0.685, 12), sd: expect.closeTo(0.02, 12) },
    });
    const text = formatTable(table, 'text');
    expect(text).toContain("t-interval over draws, of each draw's mean over its seeds, n = 3.");
    const failed = cells.map((c, i) => (i === 0 ? { ...c, state: 'failed' as const } : c));
    expect(formatTable(pivot(failed, asked), 'text')).toContain('(n 5 of 6)');
    const each = pivot(cells, { ...asked, cols: ['task.draw'] });
    expect(each.body[0]!.groups.map((g) => [g!.draws, g!.estimate!.n])).toEqual(Array(3).fill([1, 2]));
    expect(defaultLayout(axesOf(cells))).toEqual({ rows: ['task.train'], cols: [] });
  });

  it('calls draws equal whose means are, whatever their seeds gave', () => {
    const cells = drawn().map((c) => ({
      ...c,
      summary: { ...c.summary!, test: { accuracy: 0.6 + Number(c.point['seed']) / 30 } },
    }));
    const table = pivot(cells, { rows: ['task.train'], cols: [], metric: 'accuracy' });
    expect(formatTable(table, 'text')).toContain('65.0 (3 equal)');
  });

  it('has no interval where one of several draws is measured, however many seeds it has', () => {
    const cells = drawn().map((c) => (c.point['task.draw'] === 0 ? c : { ...c, state: 'running' as const }));
    const [group] = pivot(cells, { rows: ['task.train'], cols: [], metric: 'accuracy' }).body[0]!.groups;
    expect(group!.estimate).toMatchObject({ n: 1, halfWidth: null });
  });

  it('adds an axis that varies and was placed nowhere to the rows, and says so', () => {
    const table = pivot(ablation(), { ...layout, cols: [] });
    expect(table.rows).toEqual(['method.length', 'method.init']);
    expect(table.added).toEqual(['method.init']);
    expect(formatTable(table, 'text')).toContain('method.init varies and was placed nowhere');
  });

  it('accounts for every cell exactly once, whatever state it is in', () => {
    const cells = ablation().map((c, i) =>
      cell(i, c.point, { baseline: c.baseline, state: states[(i * 7) % 8]! }),
    );
    for (const rows of [['method.length'], ['method.init'], [], ['method.length', 'seed']]) {
      const groups = groupsOf(pivot(cells, { rows, cols: [], metric: 'accuracy' }));
      expect(groups.flatMap((g) => g.ids).toSorted()).toEqual(cells.map((c) => c.id).toSorted());
      for (const g of groups) {
        const missing = g.missing.reduce((sum, m) => sum + m.count, 0);
        expect(g.values.length + g.repeated + missing).toBe(g.cells);
      }
    }
  });

  it.each(states.filter((s) => s !== 'succeeded'))(
    'never lets a %s cell into a mean, even one with numbers',
    (state) => {
      const cells = ablation();
      cells[0] = { ...cells[0]!, state, why: 'diverged at step 12: loss NaN' };
      const group = pivot(cells, layout).body[2]!.groups[0]!;
      expect(group.values.map((v) => v.seed)).toEqual([2, 3]);
      const reasons = isEnded(state) ? [{ why: 'diverged at step 12: loss NaN', seeds: [1] }] : [];
      expect(group.missing).toEqual([{ state, count: 1, reasons }]);
      expect(formatTable(pivot(cells, layout), 'text')).toContain('(n 2 of 3)');
    },
  );

  it('counts a trial that two cells share once, and a trial without the metric not at all', () => {
    const cells = ablation();
    cells[1] = { ...cells[1]!, trialId: cells[0]!.trialId };
    expect(pivot(cells, layout).body[2]!.groups[0]).toMatchObject({
      cells: 3,
      repeated: 1,
      estimate: { n: 2 },
    });
    expect(pivot(cells, { ...layout, metric: 'f1' }).body[0]!.groups[0]).toMatchObject({
      estimate: null,
      missing: [{ state: 'succeeded', count: 3 }],
    });
  });

  it('keeps grids of one file apart', () => {
    const other = ablation().map((c, i) => ({ ...c, id: uuid(100 + i), trialId: uuid(100 + i), grid: 'h' }));
    const table = pivot([...ablation(), ...other], layout);
    expect(table.added).toEqual(['grid']);
    expect(table.body).toHaveLength(6);
    expect(table.baselines).toHaveLength(4);
  });

  it('refuses an axis that does not exist, naming those that do', () => {
    expect(() => pivot(ablation(), { ...layout, rows: ['method.lenght'] })).toThrow(
      'no axis "method.lenght"; this experiment has method.length, method.init, seed',
    );
    expect(() => pivot(ablation(), { ...layout, cols: ['method.length'] })).toThrow('is placed twice');
  });
});

describe('defaultLayout', () => {
  it('puts the smaller axis across and never the seed', () => {
    expect(defaultLayout(axesOf(ablation()))).toEqual({ rows: ['method.length'], cols: ['method.init'] });
  });
});

describe('formatTable', () => {
  it('writes percents with one decimal, intervals and notes', () => {
    const text = formatTable(pivot(ablation(), layout), 'text');
    expect(text).toContain('82.0 ± 2.5');
    expect(text).toContain('full, learningRate 1e-4  86.2 ± 0.2');
    expect(text).toContain('zero-shot: 59.9');
    expect(text).toContain('n = 3.');
  });

  it('says that one seed has no interval', () => {
    const text = formatTable(
      pivot(
        ablation().filter((c) => c.point['seed'] === 1),
        layout,
      ),
      'text',
    );
    expect(text).toContain('81.0 (n 1)');
    expect(text).toContain('one seed has no interval');
  });

  it('writes LaTeX with booktabs, escaped', () => {
    const latex = formatTable(
      pivot([{ ...cell(0, { training_x: 'a_b%' }), grid: 'g' }, cell(1, { training_x: 'c' })], {
        rows: ['training_x'],
        cols: [],
        metric: 'accuracy',
      }),
      'latex',
    );
    expect(latex).toContain('\\toprule');
    expect(latex).toContain('a\\_b\\%');
    expect(formatTable(pivot(ablation(), layout), 'latex')).toContain('$82.0 \\pm 2.5$');
  });

  it('writes CSV and JSON with raw numbers', () => {
    const [head, ...lines] = formatTable(pivot(ablation(), layout), 'csv').split('\n');
    expect(head).toBe(
      'method.length,method.init,baseline,metric,mean,sd,half_width_95,low_95,high_95,n,cells,repeated,missing,learned_nothing,mixed,reference.majority,reference.zero-shot',
    );
    expect(lines).toHaveLength(8);
    expect(lines.at(-1)).toContain('"full, learningRate 1e-4",accuracy,0.862');
    expect(JSON.parse(formatTable(pivot(ablation(), layout), 'json'))).toMatchObject({
      cells: 24,
      metric: 'accuracy',
    });
  });

  it.each(tableFormats)('writes a table of no cells as %s', (format) => {
    expect(() => formatTable(pivot([], { rows: [], cols: [], metric: 'accuracy' }), format)).not.toThrow();
  });
});
