import { issuesOf, plan, small } from './fixtures/grids.js';
import { planGrids } from './plan-grids.js';

const text = (method: string) => `name: g
backbone: { name: minilm-l6 }
task: { name: wordnet-supersense, train: 100 }
method: ${method}
training: { steps: 3, batch: 8, optimizer: { name: adamw, learningRate: 0.01 } }
`;
const lora = text('{ name: lora, rank: 4 }');

const methodsOf = (grid: string) =>
  plan(grid).cells.map((c) => (c.config.stage === 'tune' ? c.config.method : null));

describe('values that are set one over the other', () => {
  it.each([
    'method.rank: [2, 4], method: [{ name: lora }, { name: dora }]',
    'method: [{ name: lora }, { name: dora }], method.rank: [2, 4]',
  ])('are set from outside to inside: %s', (axes) => {
    const found = methodsOf(`${text('{ name: head }')}grid: { ${axes} }`);
    expect(found.map((m) => m && 'rank' in m && `${m.name} ${m.rank}`).toSorted()).toEqual([
      'dora 2',
      'dora 4',
      'lora 2',
      'lora 4',
    ]);
  });

  it('are set from outside to inside in a baseline and by a rule too', () => {
    const [, baseline] = methodsOf(
      `${text('{ name: head }')}baselines: [{ method.rank: 3, method: { name: lora } }]`,
    );
    expect(baseline).toMatchObject({ name: 'lora', rank: 3 });
    const set = 'when: [{ if: { training.batch: 8 }, set: { method.rank: 3, method: { name: lora } } }]';
    expect(methodsOf(`${text('{ name: head }')}${set}`)).toMatchObject([{ name: 'lora', rank: 3 }]);
  });

  it('may replace another method, or what is given again', () => {
    expect(methodsOf(`${lora}grid: { method: [{ name: dora }, { rank: 2, name: lora }] }`)).toMatchObject([
      { name: 'dora', rank: 8 },
      { name: 'lora', rank: 2 },
    ]);
    // the default
    expect(methodsOf(`${text('{ name: lora, rank: 8 }')}grid: { method: [{ name: lora }] }`)).toMatchObject([
      { rank: 8 },
    ]);
    expect(
      plan(`${lora}grid: { method.rank: [2] }\nbaselines: [{ training.batch: 4 }]`).cells.map(
        (c) => c.config,
      ),
    ).toMatchObject([{ method: { rank: 2 } }, { method: { rank: 4 } }]);
  });

  it.each([
    [
      'grid: { method: [{ name: lora, rank: 8 }, { name: dora }], method.rank: [2] }',
      'grid.method[0]',
      /axis method.rank would replace 8 of the axis method/,
    ],
    [
      'grid: { from: [null, { task: { name: wordnet-supersense } }], from.seed: [7, 8] }',
      'grid.from[0]',
      /axis from.seed would replace null of the axis from/,
    ],
    [
      'grid: { method: [{ name: lora }] }',
      'grid.method[0]',
      /lose method.rank 4; give method.rank there too/,
    ],
    ['grid: { training: [{ steps: 5 }, { steps: 9 }] }', 'grid.training[0]', /lose training.batch 8/],
    ['grid: { task: [{ name: wordnet-supersense }] }', 'grid.task[0]', /lose task.train 100/],
    ['baselines: [{ training: { batch: 4 } }]', 'baselines[0].training', /lose training.steps 3/],
    [
      'baselines: [{ method.rank: 2, method: { name: lora, rank: 3 } }]',
      'baselines[0].method',
      /its knob method.rank would replace 3/,
    ],
    ['baselines: [{ method.rank: [2, 3] }]', 'baselines[0].method.rank', /^\[2,3\]: expected a number/],
    [
      'when: [{ if: { method.name: lora }, set: { method: { name: lora } } }]',
      'when[0].set.method',
      /lose method.rank 4/,
    ],
    [
      'grid: { method: [{ name: dora, rank: 2 }] }\nwhen: [{ if: { method.name: dora }, set: { method.rank: 3 } }]',
      'when[0].set.method.rank',
      /would replace 2 of the axis method/,
    ],
    [
      'baselines: [{ method: { name: full }, training.optimizer.learningRate: 0.1 }]\nwhen: [{ if: { method.name: full }, set: { training.optimizer.learningRate: 0.2 } }]',
      'when[0].set.training.optimizer.learningRate',
      /would replace 0.1 of training.optimizer.learningRate of baselines\[0\]/,
    ],
    [
      'from: { task: { name: wordnet-supersense, train: 9 }, training: { optimizer: { name: adamw, weightDecay: 0.1 } } }',
      'from.training.optimizer',
      /lose from.training.optimizer.learningRate 0.01/,
    ],
    ['grid: { __proto__.x: [1] }', 'grid.__proto__.x', /no such knob/],
    ['baselines: [{ __proto__.x: 1 }]', 'baselines[0].__proto__.x', /no such knob/],
    ['training.steps: 5', 'training.steps', 'no such knob; here it is written as { training: { steps: … } }'],
    ['grid: { method.rank: [8, 8.0] }', 'grid.method.rank[1]', '8 stands there twice'],
    [
      'grid: { method: [{ name: dora, rank: 2 }, { rank: 2, name: dora }] }',
      'grid.method[1]',
      /stands there twice/,
    ],
    ['grid: { method.rank: ["8"] }', 'grid.method.rank[0]', /^"8": expected a number/],
  ])('are refused where one would be lost: %s', (more, path, message) => {
    const issue = issuesOf(lora + more).find((i) => i.path === `grids[0].${path}`);
    expect(issue?.message ?? issuesOf(lora + more)).toEqual(
      typeof message === 'string' ? message : expect.stringMatching(message),
    );
  });

  it('refuses an axis that is named twice, by its line', () => {
    expect(issuesOf('name: a\ngrid:\n  seed: [1]\n  seed: [2]\n')).toEqual([
      {
        path: expect.stringMatching(/^line 4/) as string,
        message: expect.stringMatching(/unique|twice/) as string,
      },
    ]);
  });
});

it('a baseline keeps its own seed and is then one cell', () => {
  const { cells } = plan(
    small(
      'method: { name: head }\ngrid: { seed: [1, 2] }\nbaselines: [{ seed: 9, training.batch: 4 }]',
    ).replace('method: { name: prompt-tuning }\n', ''),
  );
  expect(cells.map((c) => [c.config.stage === 'tune' && c.config.seed, c.point])).toEqual([
    [1, { seed: 1 }],
    [2, { seed: 2 }],
    [9, { seed: 9, 'training.batch': 4 }],
  ]);
});

it('reads merge keys', () => {
  const merged = plan(
    `${text('{ name: head }').replace('optimizer: {', 'optimizer: &o {')}baselines: [{ training.optimizer: { <<: *o, learningRate: 0.5 } }]`,
  );
  expect(merged.cells[1]!.config).toMatchObject({
    training: { optimizer: { name: 'adamw', learningRate: 0.5 } },
  });
});

it('says where cells of a grid need one trial, and counts what rules touched', () => {
  const planned = plan(`${lora}grid: { method: [{ name: dora }, { name: dora, rank: 8 }, { name: head }] }
when: [{ if: { method.name: head }, set: { training.batch: 4 } }]
exclude: [{ method.name: head, training.batch: 4 }]`);
  expect(planned.warnings).toEqual([
    {
      path: 'grids[0]',
      message:
        '1 cell needs the same trial as another cell: {"method":{"name":"dora","rank":8}} is {"method":{"name":"dora"}}',
    },
  ]);
  expect(planGrids(planned)).toEqual([
    {
      name: 'g',
      cells: 2,
      axes: { method: [{ name: 'dora' }, { name: 'dora', rank: 8 }] },
      sizes: [],
      rules: [
        { place: 'when[0]', if: { 'method.name': 'head' }, set: { 'training.batch': 4 }, cells: 1 },
        { place: 'exclude[0]', if: { 'method.name': 'head', 'training.batch': 4 }, set: null, cells: 1 },
      ],
    },
  ]);
});
