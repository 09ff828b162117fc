import { suites, tasksOf } from '#contracts/suites.js';
import { issuesOf, plan } from './fixtures/grids.js';

const grid = (task: string, more = '') => `
name: suite
backbone: { name: t5-nano }
task: ${task}
method: { name: prompt-tuning, length: 5 }
${more}`;

const suite = grid('{ suite: superglue, path: /data/superglue, train: 32 }', 'grid: { seed: [1, 2] }');

describe('a suite as the task', () => {
  it('has the cells, configs and trials of an axis that is written by hand', () => {
    const axis = `grid: { task.dataset: [${tasksOf('superglue').join(', ')}], seed: [1, 2] }`;
    const byHand = plan(grid('{ name: superglue, path: /data/superglue, train: 32 }', axis));
    const own = plan(suite);
    expect(own.cells).toEqual(byHand.cells);
    expect(own.trials.map((t) => t.key)).toEqual(byHand.trials.map((t) => t.key));
    expect(own.cells).toHaveLength(16);
  });

  it('gives each member the key of the task alone', () => {
    for (const dataset of tasksOf('superglue')) {
      const [alone] = plan(
        grid(`{ name: superglue, dataset: ${dataset}, path: /data/superglue, train: 32 }`, 'seed: 2'),
      ).cells;
      const member = plan(suite).cells.find(
        ({ point }) => point['task.dataset'] === dataset && point['seed'] === 2,
      );
      expect(member!.trialKey).toBe(alone!.trialKey);
    }
  });

  it('crosses baselines with its tasks and seeds, unless they have their own', () => {
    const { cells } = plan(
      `${suite}\nbaselines: [{ method: { name: lora } }, { method: { name: lora }, task.dataset: rte, seed: 7 }]`,
    );
    const baselines = cells.filter((c) => c.baseline);
    expect(baselines).toHaveLength(17);
    expect(baselines.at(-1)!.point).toEqual({ method: { name: 'lora' }, 'task.dataset': 'rte', seed: 7 });
    expect(new Set(baselines.map(({ point }) => point['task.dataset']))).toEqual(
      new Set(tasksOf('superglue')),
    );
  });

  it('is changed by rules, task by task', () => {
    const { cells } = plan(`${suite}
exclude: [{ task.dataset: record }]
when: [{ if: { task.dataset: wsc }, set: { task.answer.maxTokens: 8 } }]`);
    expect(cells).toHaveLength(14);
    const tokens = cells.map(({ config }) => config.stage === 'tune' && config.task.answer.maxTokens);
    expect(tokens.filter((n) => n === 8)).toHaveLength(2);
  });

  it('counts its cells before any is made', () => {
    expect(issuesOf(suite, 15)[0]!.message).toBe('the experiment has 16 cells; at most 15 are allowed');
  });

  it('lists every dataset of its benchmark', () => {
    expect(tasksOf('glue')).toHaveLength(8);
    for (const tasks of Object.values(suites))
      for (const metrics of Object.values(tasks)) expect(metrics.length).toBeGreaterThan(0);
  });
});

describe('a suite that is refused', () => {
  it.each([
    [
      '{ suite: superglu, path: x }',
      '',
      'grids[0].task.suite',
      '"superglu"; expected one of superglue, glue; did you mean "superglue"?',
    ],
    [
      '{ suite: glue, name: glue, path: x }',
      '',
      'grids[0].task.name',
      '"glue", and task.suite gives every task\'s own; leave it out',
    ],
    [
      '{ suite: glue, path: x }',
      'grid: { task.dataset: [rte] }',
      'grids[0].grid.task.dataset',
      'task.suite makes an axis of its tasks; leave one out (exclude leaves out single tasks)',
    ],
    [
      '{ name: glue, dataset: rte, path: x }',
      'grid: { task: [{ suite: glue, path: x }] }',
      'grids[0].grid.task[0]',
      'only the task of a grid itself may be a suite',
    ],
    ['{ suite: glue }', '', 'grids[0].task.path', 'is missing; expected a text'],
  ])('%s %s', (task, more, path, message) => {
    expect(issuesOf(grid(task, more))).toContainEqual({ path, message: expect.stringContaining(message) });
  });

  it('by a task that the backbone cannot answer, with how to do without it', () => {
    const issues = issuesOf(suite.replace('t5-nano', 'minilm-l6'));
    expect(issues).toEqual([
      {
        path: 'grids[0].task.suite',
        message: expect.stringMatching(
          /^"superglue wsc" has answers of kind text.*; exclude: \[\{ task\.dataset: wsc \}\] leaves it out$/,
        ),
      },
    ]);
  });
});
