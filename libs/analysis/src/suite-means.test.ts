import type { CellView } from '#contracts/experiment.js';
import { metricsOfTask, tasksOf } from '#contracts/suites.js';
import { TableView } from '#contracts/tables.js';
import { cell } from './fixtures/cells.js';
import { formatTable, tableValue } from './format-table.js';
import { pivot } from './pivot.js';
import { estimate } from './statistics.js';
import { suiteMeans } from './suite-means.js';

/** A cell of a task whose metrics are these, in the suite's order. */
function measured(
  i: number,
  point: CellView['point'],
  values: number[],
  change: Partial<CellView> = {},
): CellView {
  const made = cell(i, point, change);
  const names = metricsOfTask('superglue', point['task.dataset'] as string);
  const test = Object.fromEntries(names.map((name, k) => [name, values[k] ?? values[0]!]));
  return made.summary ? { ...made, summary: { ...made.summary, test } } : made;
}

const superglue = (score: (task: string, seed: number) => number[], seeds = [1, 2]): CellView[] =>
  seeds.flatMap((seed) =>
    tasksOf('superglue').map((task, i) =>
      measured(seed * 100 + i, { 'task.dataset': task, seed }, score(task, seed)),
    ),
  );

describe('the mean of a suite', () => {
  it('counts a task of two metrics as their mean, and forms the mean for each seed first', () => {
    const cells = superglue((task, seed) => (task === 'cb' ? [0.9, 0.5] : [0.1 * seed]));
    const [row] = suiteMeans(cells, 'accuracy')!.body;
    const bySeed = [(7 * 0.1 + 0.7) / 8, (7 * 0.2 + 0.7) / 8];
    expect(row!.values.map((v) => v.value)).toEqual(bySeed.map((v) => expect.closeTo(v, 12) as number));
    const { halfWidth } = estimate(bySeed);
    expect(row!.mean).toMatchObject({ n: 2, halfWidth: expect.closeTo(halfWidth!, 9) });
    expect(row!.scores[1]).toMatchObject({ mean: expect.closeTo(0.7, 12), n: 2 });
  });

  // Lester et al. 2021, table 3: dev scores of T5 XXL, and their average as printed
  it.each([
    [
      'the mean of five prompts',
      90.5,
      [91.1],
      [99.3, 99.0],
      [98.8],
      [88.7, 65.7],
      [93.4, 92.7],
      [92.6],
      [76.2],
      [95.8],
    ],
    [
      'their majority vote',
      91.3,
      [91.7],
      [100, 100],
      [100],
      [89.4, 67.1],
      [93.9, 93.2],
      [93.5],
      [77.4],
      [96.2],
    ],
  ] as [string, number, ...number[][]][])('is what was published of %s', (_, printed, ...scores) => {
    const order = tasksOf('superglue');
    const cells = superglue((task) => scores[order.indexOf(task)]!.map((score) => score / 100), [1]);
    expect(100 * suiteMeans(cells, 'accuracy')!.body[0]!.mean!.mean).toBeCloseTo(printed, 1);
  });

  it('has no mean where a task is missing, and says how many there are', () => {
    const cells = superglue(() => [0.5], [1]).filter(
      ({ point }) => !['cb', 'wsc', 'record'].includes(point['task.dataset'] as string),
    );
    const text = formatTable(pivot(cells, { rows: ['task.dataset'], cols: [], metric: 'accuracy' }), 'text');
    expect(text).toContain('5 of 8 tasks: no mean');
    expect(suiteMeans(cells, 'accuracy')!.body[0]!.mean).toBeNull();
  });

  it('leaves out a seed whose trial failed, and counts it', () => {
    const cells = superglue(() => [0.5], [1, 2, 3]).map((c) =>
      c.point['task.dataset'] === 'copa' && c.point['seed'] === 3
        ? { ...c, state: 'failed' as const, summary: null }
        : c,
    );
    expect(suiteMeans(cells, 'accuracy')!.body[0]).toMatchObject({ seeds: 3, mean: { n: 2 }, measured: 8 });
    const table = pivot(cells, { rows: ['task.dataset'], cols: [], metric: 'accuracy' });
    for (const format of ['text', 'markdown', 'latex'] as const)
      expect(formatTable(table, format)).toContain('50.0 (2 equal) (n 2 of 3)');
    expect(JSON.parse(formatTable(table, 'json'))).toMatchObject({
      suite: { suite: 'superglue', split: 'test' },
    });
  });

  it('is what the API says that it sends', () => {
    const table = pivot(
      superglue(() => [0.5]),
      { rows: ['task.dataset'], cols: [], metric: 'accuracy' },
    );
    const sent: unknown = JSON.parse(JSON.stringify(tableValue({ grid: 'g', table })));
    expect(TableView.parse(sent).suite).toEqual((sent as { suite: unknown }).suite);
  });

  it('has a row for each value of the other axes, and for each baseline', () => {
    const axis = [5, 20].flatMap((length) =>
      superglue(() => [length / 100], [1]).map((c) => ({
        ...c,
        point: { ...c.point, 'method.length': length },
      })),
    );
    const baseline = superglue(() => [0.8], [1]).map((c) => ({
      ...c,
      baseline: true,
      point: { method: { name: 'lora' }, ...c.point },
    }));
    const { body } = suiteMeans([...axis, ...baseline], 'accuracy')!;
    expect(body.map(({ label, mean }) => [label, mean!.mean])).toEqual([
      ['method.length 5', 0.05],
      ['method.length 20', 0.2],
      ['lora', 0.8],
    ]);
  });

  it('is of the split that the table shows', () => {
    const cells = superglue(() => [0.5], [1]);
    expect(suiteMeans(cells, 'validation.accuracy')).toMatchObject({
      split: 'validation',
      body: [{ mean: null }],
    });
  });

  it.each([
    ['no tasks', [cell(1, { seed: 1 })]],
    ['RTE alone, which two suites have', [cell(1, { 'task.dataset': 'rte', seed: 1 })]],
    ['tasks of two suites', ['cb', 'cola'].map((task, i) => cell(i, { 'task.dataset': task, seed: 1 }))],
  ])('is not there of %s', (_, cells) => {
    expect(suiteMeans(cells, 'accuracy')).toBeNull();
  });
});
