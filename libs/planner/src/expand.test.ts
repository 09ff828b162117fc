import { expand } from './expand.js';
import { adaptation, issuesOf, lengthAndInit, plan, small } from './fixtures/grids.js';
import { parseGridFile } from './parse-grid-file.js';
import { placeOf } from './places.js';
import type { Plan } from './planned.js';

describe('expand', () => {
  it('crosses axes in file order, the last one fastest, and baselines with the seeds', () => {
    const { cells, trials } = plan(lengthAndInit);
    expect(cells).toHaveLength(4 * 3 * 3 + 2 * 3);
    expect(trials).toHaveLength(cells.length);
    expect(cells[1]!.point).toEqual({ 'method.length': 1, 'method.init': 'random', seed: 2 });
    expect(cells[35]!.point).toEqual({ 'method.length': 100, 'method.init': 'class-labels', seed: 3 });
    const full = cells.find((c) => c.config.stage === 'tune' && c.config.method.name === 'full');
    expect(full).toMatchObject({
      baseline: true,
      config: { training: { optimizer: { learningRate: 1e-4 }, steps: 100 } },
    });
  });

  it('lets one adaptation serve every step count, and tunes on each checkpoint', () => {
    const { cells, trials } = plan(adaptation);
    expect(cells).toHaveLength(30);
    const adapt = trials.filter((t) => t.config.stage === 'adapt');
    expect(adapt).toHaveLength(1);
    expect(adapt[0]!.config).toMatchObject({ checkpoints: [500, 1000], adapt: { steps: 1000 } });
    expect(adapt[0]!.waitsFor).toEqual([]);
    const waits = trials
      .filter((t) => t.config.stage === 'tune')
      .map((t) => t.waitsFor.map((w) => [w.key === adapt[0]!.key, w.step]));
    expect(waits.filter((w) => w.length === 0)).toHaveLength(10);
    expect(waits.filter((w) => w.length === 1 && w[0]![0] === true && w[0]![1] === 500)).toHaveLength(10);
  });

  it("gives a trial the same address whatever else the grid asks for, and 0 steps of adaptation the plain backbone's", () => {
    const keyOf = (p: Plan, steps: number) =>
      p.cells.find((c) => c.point['backbone.adapt.steps'] === steps && c.point['seed'] === 2)!.trialKey;
    const other = plan(adaptation.replace('[0, 500, 1000]', '[0, 500, 2000]'));
    expect(keyOf(other, 500)).toBe(keyOf(plan(adaptation), 500));
    expect(keyOf(other, 2000)).not.toBe(keyOf(plan(adaptation), 1000));
    const bare = plan(adaptation.replace('backbone.adapt.steps: [0, 500, 1000], ', ''));
    expect(bare.cells.find((c) => c.point['seed'] === 2)!.trialKey).toBe(keyOf(other, 0));
  });

  it('chains pretraining, adaptation and tuning', () => {
    const size = '{ family: t5, dModel: 16, dKv: 8, dFf: 32, layers: 1, heads: 2 }';
    const corpus = '{ sources: [moby-dick] }';
    const { trials } = plan(`
name: chain
backbone: { pretrain: { size: ${size}, tokenizer: t5-nano, corpus: ${corpus}, steps: 10 }, adapt: { steps: 5, corpus: ${corpus} } }
task: { name: wordnet-supersense }
method: { name: prompt-tuning }
`);
    expect(trials.map((t) => t.config.stage)).toEqual(['pretrain', 'adapt', 'tune']);
    expect(trials[1]!.waitsFor).toEqual([{ key: trials[0]!.key, kind: 'backbone', step: 10 }]);
    expect(trials[2]!.waitsFor).toEqual([{ key: trials[1]!.key, kind: 'backbone', step: 5 }]);
  });

  const transfer = small(`from: { task: { name: wordnet-supersense, train: 2000 }, training: { steps: 50 } }
training: { steps: 100, optimizer: { name: sgd, learningRate: 1 } }
grid: { seed: [1, 2] }`);

  it('adds what a trial starts from, which has its knobs but for those that are given', () => {
    const { cells, trials } = plan(transfer);
    expect(cells).toHaveLength(2);
    expect(trials).toHaveLength(4);
    const [source, target] = trials;
    expect(target!.waitsFor).toEqual([{ key: source!.key, kind: 'adapter', step: 50 }]);
    expect(source).toMatchObject({
      waitsFor: [],
      gangKey: trials[2]!.gangKey,
      steps: 50,
      config: { seed: 1, task: { train: 2000 } },
    });
    const training = { steps: 50, optimizer: { name: 'sgd', learningRate: 1 } };
    expect(cells[1]!.config).toMatchObject({ seed: 2, task: { train: null }, from: { seed: 2, training } });
    expect(target!.gangKey).toBe(trials[3]!.gangKey);
    const alone = plan(
      small('grid: { seed: [1] }').replace(
        '{ name: wordnet-supersense }',
        '{ name: wordnet-supersense, train: 2000 }',
      ) + '\ntraining: { steps: 50, optimizer: { name: sgd, learningRate: 1 } }',
    );
    expect(alone.cells[0]!.trialKey).toBe(source!.key); // the same trial as a cell of its own
  });

  it('crosses sources: none is the trial that has none, and one seed of them serves all', () => {
    const none = plan(
      small(
        'grid: { from: [null, { task: { name: wordnet-supersense, train: 9 }, seed: 7 }], seed: [1, 2] }',
      ),
    );
    const bare = plan(small('grid: { seed: [1, 2] }'));
    expect(none.cells.slice(0, 2).map((c) => c.trialKey)).toEqual(bare.cells.map((c) => c.trialKey));
    expect(none.trials.filter((t) => t.config.stage === 'tune' && t.config.seed === 7)).toHaveLength(1);
    expect(none.trials).toHaveLength(5);
  });

  it.each([
    ['from: { training: { steps: 5 } }', 'grids[0].from.task', /missing|expected/],
    [
      'from: { task: { name: wordnet-supersense, trian: 5 } }',
      'grids[0].from.task.trian',
      /did you mean "from.task.train"/,
    ],
    [
      'from: { task: { name: wordnet-supersense }, training: { patience: 3 } }',
      'grids[0].from.training.patience',
      /evaluateEvery/,
    ],
    [
      'from: { task: { name: wordnet-supersense, answer: { by: decoding } } }',
      'grids[0].from.task.answer.by',
      /is an encoder/,
    ],
    [
      'from: { task: { name: wordnet-supersense, scoring: decode } }',
      'grids[0].from.task.scoring',
      /is called answer.by now/,
    ],
    [
      'from: { task: { name: wordnet-supersense }, method: { name: lora } }',
      'grids[0].from.method',
      /no such knob/,
    ],
    [
      'from: { task: { name: wordnet-supersense } }\nbaselines: [{ method: { name: head } }]',
      'grids[0].baselines[0].from',
      /head/,
    ],
    ['from: 3', 'grids[0].from', /expected a mapping/],
    [
      'from: { task: { name: wordnet-supersense } }\ntraining: { steps: 0 }',
      'grids[0].training.steps',
      /expected 1 or more/,
    ],
  ])('says what is wrong with %s, once', (more, path, message) => {
    expect(issuesOf(small(more))).toEqual([{ path, message: expect.stringMatching(message) as string }]);
  });

  it('crosses the knobs of one task of a mixture, whose order in the file means nothing', () => {
    const mixed = (tasks: string) =>
      small(`grid: { task.tasks.a.train: [10, 100] }`).replace(
        '{ name: wordnet-supersense }',
        `{ name: mixture, tasks: { ${tasks} } }`,
      );
    const [a, b] = ['a: { name: wordnet-supersense }', 'b: { name: superglue, dataset: rte, path: s }'];
    const { cells } = plan(mixed(`${a}, ${b}`));
    expect(cells.map((c) => c.config)).toMatchObject(
      [10, 100].map((train) => ({ task: { tasks: { a: { train }, b: { train: null } } } })),
    );
    expect(plan(mixed(`${b}, ${a}`)).cells.map((c) => c.trialKey)).toEqual(cells.map((c) => c.trialKey));
    expect(issuesOf(mixed(`${a}, b: { name: superglue, dataset: rte, path: s, trian: 4 }`))).toEqual([
      {
        path: 'grids[0].task.tasks.b.trian',
        message: 'no such knob of superglue; did you mean "task.tasks.b.train"?',
      },
    ]);
    expect(issuesOf(mixed(`${a}, b: { name: restaurant8k, path: r }`))[0]).toMatchObject({
      path: 'grids[0].task.tasks',
    });
  });

  it('takes a decoder for a task, answered by label words or decoded text', () => {
    const { cells } = plan(
      small('grid: { task.answer.by: [label-words, decoding] }').replace('minilm-l6', 'smollm2-135m'),
    );
    expect(cells.map((c) => c.config.stage === 'tune' && c.config.backbone.name)).toEqual([
      'smollm2-135m',
      'smollm2-135m',
    ]);
  });

  it('leaves out what exclude names, and sets what when says', () => {
    const { cells } = plan(
      small(`
grid: { method.length: [1, 5], seed: [1, 2, 3] }
exclude: [ { method.length: 5, seed: 3 } ]
when: [ { if: { method.length: 5 }, set: { training.steps: 7 } } ]`),
    );
    expect(
      cells.map((c) => [
        c.point['method.length'],
        c.point['seed'],
        c.config.stage === 'tune' && c.config.training.steps,
      ]),
    ).toEqual([
      [1, 1, 1000],
      [1, 2, 1000],
      [1, 3, 1000],
      [5, 1, 7],
      [5, 2, 7],
    ]);
  });

  it('keys do not depend on the order of keys in the file', () => {
    const turned = small('').split('\n').toReversed().join('\n');
    expect(plan(turned).cells[0]!.trialKey).toBe(plan(small('')).cells[0]!.trialKey);
  });
});

it.each([
  ['task.path', 0, 'grids[0].task.path'],
  ['method.length', 1, 'grids[0].grid.method.length[1]'],
  ['training.optimizer.name', 1, 'grids[0].training.optimizer.name'],
  ['training.optimizer.name', 3, 'grids[0].baselines[1].training.optimizer.name'],
  ['task.path', 3, 'grids[0].task.path'],
])('says where %s of cell %i was given', (knob, cell, place) => {
  const request = parseGridFile(
    small(
      'grid: { method.length: [1, 2] }\nbaselines: [{ method: { name: head } }, { training.optimizer: { name: sgd, learningRate: 1 } }]',
    ),
  );
  expect(placeOf(request, expand(request).cells[cell]!, knob)).toBe(place);
});
