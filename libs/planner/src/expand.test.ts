import { expand, placeOf, type Plan } from './expand.js';
import { GridError } from './grid-error.js';
import { parseGridFile } from './parse-grid-file.js';

const plan = (text: string, cap?: number): Plan => expand(parseGridFile(text), cap);

function issuesOf(text: string, cap?: number): { path: string; message: string }[] {
  try {
    plan(text, cap);
  } catch (error) {
    if (error instanceof GridError) return error.issues;
    throw error;
  }
  throw new Error('the grid was accepted');
}

const lengthAndInit = `
name: prompt-length-and-init
backbone: { name: minilm-l6 }
task: { name: wordnet-supersense, train: 1000 }
method: { name: prompt-tuning }
training: { steps: 100, batch: 16, optimizer: { name: adamw, learningRate: 0.01 } }
grid:
  method.length: [1, 5, 20, 100]
  method.init: [random, vocabulary, class-labels]
  seed: [1, 2, 3]
baselines: [ { method: { name: head } }, { method: { name: full }, training.optimizer.learningRate: 1e-4 } ]
`;
const adaptation = `
name: lm-adaptation
backbone: { name: t5-nano }
task: { name: wordnet-supersense, train: 1000 }
method: { name: prompt-tuning, init: class-labels }
grid: { backbone.adapt.steps: [0, 500, 1000], method.length: [1, 5, 20, 100, 150], seed: [1, 2] }
`;
const small = (more: string) => `
name: small
backbone: { name: minilm-l6 }
task: { name: wordnet-supersense }
method: { name: prompt-tuning }
${more}`;

describe('expand', () => {
  it('crosses axes in file order, the last one fastest, and baselines with the seeds', () => {
    const { cells, trials } = plan(lengthAndInit);
    expect(cells).toHaveLength(4 * 3 * 3 + 2 * 3);
    expect(trials).toHaveLength(cells.length);
    expect(cells[1]!.point).toEqual({ 'method.length': 1, 'method.init': 'random', seed: 2 });
    expect(cells[35]!.point).toEqual({ 'method.length': 100, 'method.init': 'class-labels', seed: 3 });
    const full = cells.find((c) => c.config.stage === 'tune' && c.config.method.name === 'full');
    expect(full).toMatchObject({ baseline: true, config: { training: { optimizer: { learningRate: 1e-4 }, steps: 100 } } });
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
      small('grid: { seed: [1] }').replace('{ name: wordnet-supersense }', '{ name: wordnet-supersense, train: 2000 }') +
        '\ntraining: { steps: 50, optimizer: { name: sgd, learningRate: 1 } }',
    );
    expect(alone.cells[0]!.trialKey).toBe(source!.key); // the same trial as a cell of its own
  });

  it('crosses sources: none is the trial that has none, and one seed of them serves all', () => {
    const none = plan(small('grid: { from: [null, { task: { name: wordnet-supersense, train: 9 }, seed: 7 }], seed: [1, 2] }'));
    const bare = plan(small('grid: { seed: [1, 2] }'));
    expect(none.cells.slice(0, 2).map((c) => c.trialKey)).toEqual(bare.cells.map((c) => c.trialKey));
    expect(none.trials.filter((t) => t.config.stage === 'tune' && t.config.seed === 7)).toHaveLength(1);
    expect(none.trials).toHaveLength(5);
  });

  it.each([
    ['from: { training: { steps: 5 } }', 'grids[0].from.task', /missing|expected/],
    ['from: { task: { name: wordnet-supersense, trian: 5 } }', 'grids[0].from.task.trian', /did you mean "from.task.train"/],
    [
      'from: { task: { name: wordnet-supersense }, training: { patience: 3 } }',
      'grids[0].from.training.patience',
      /evaluateEvery/,
    ],
    ['from: { task: { name: wordnet-supersense, scoring: decode } }', 'grids[0].from.task.scoring', /no decoder/],
    ['from: { task: { name: wordnet-supersense }, method: { name: lora } }', 'grids[0].from.method', /no such knob/],
    [
      'from: { task: { name: wordnet-supersense } }\nbaselines: [{ method: { name: head } }]',
      'grids[0].baselines[0].from',
      /head/,
    ],
    ['from: 3', 'grids[0].from', /expected object/],
    ['from: { task: { name: wordnet-supersense } }\ntraining: { steps: 0 }', 'grids[0].training.steps', />=1/],
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
      { path: 'grids[0].task.tasks.b.trian', message: 'no such knob of superglue; did you mean "task.tasks.b.train"?' },
    ]);
    expect(issuesOf(mixed(`${a}, b: { name: restaurant8k, path: r }`))[0]).toMatchObject({ path: 'grids[0].task.tasks' });
  });

  it('takes a decoder for a task, answered by label words or decoded text', () => {
    const { cells } = plan(small('grid: { task.scoring: [label-words, decode] }').replace('minilm-l6', 'smollm2-135m'));
    expect(cells.map((c) => c.config.stage === 'tune' && c.config.backbone.name)).toEqual(['smollm2-135m', 'smollm2-135m']);
  });

  it('leaves out what exclude names, and sets what when says', () => {
    const { cells } = plan(
      small(`
grid: { method.length: [1, 5], seed: [1, 2, 3] }
exclude: [ { method.length: 5, seed: 3 } ]
when: [ { if: { method.length: 5 }, set: { training.steps: 7 } } ]`),
    );
    expect(
      cells.map((c) => [c.point['method.length'], c.point['seed'], c.config.stage === 'tune' && c.config.training.steps]),
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

  it.each([
    [
      'a misspelt axis',
      small('grid: { method.lenght: [1] }'),
      'grids[0].grid.method.lenght[0]',
      /no such knob of prompt-tuning; did you mean "method.length"/,
    ],
    ['a misspelt knob', small('trainig: { steps: 3 }'), 'grids[0].trainig', /did you mean "training"/],
    ['a wrong value', small('grid: { method.length: [5, 0] }'), 'grids[0].grid.method.length[1]', /^0: .*>=1/],
    ['a wrong type', small('training: { steps: many }'), 'grids[0].training.steps', /^"many": .*number/],
    ['an unknown choice', small('grid: { method.init: [randm] }'), 'grids[0].grid.method.init[0]', /"randm".*random/],
    [
      'an unknown method',
      small('').replace('prompt-tuning', 'promt-tuning'),
      'grids[0].method.name',
      /did you mean "prompt-tuning"/,
    ],
    [
      'an unknown backbone',
      small('').replace('minilm-l6', 'minilm'),
      'grids[0].backbone.name',
      /"minilm" is no backbone; known are minilm-l6, smollm2-135m, t5-nano, t5-micro/,
    ],
    [
      'a prompt longer than the positions of a decoder',
      small('grid: { method.length: [8100] }').replace('minilm-l6', 'smollm2-135m'),
      'grids[0].grid.method.length[0]',
      /need 8228 positions, and smollm2-135m has 8192/,
    ],
    [
      'adapting a decoder',
      small('').replace('minilm-l6', 'smollm2-135m, adapt: { steps: 10, corpus: { sources: [{ path: /a.txt }] } }'),
      'grids[0].backbone.adapt',
      /needs an encoder-decoder, and smollm2-135m is a llama/,
    ],
    [
      'decoding without a decoder',
      small('').replace('name: wordnet-supersense', 'name: wordnet-supersense, scoring: decode'),
      'grids[0].task.scoring',
      /minilm-l6 has no decoder/,
    ],
    [
      'a prompt longer than the positions',
      small('grid: { method.length: [500] }'),
      'grids[0].grid.method.length[0]',
      /need 628 positions, and minilm-l6 has 512/,
    ],
    [
      'a mask where nothing predicts it',
      small('grid: { method.template: ["{prompt} {text}", "{prompt} {text} {mask}"] }').replace('prompt-tuning', 'p-tuning'),
      'grids[0].grid.method.template[1]',
      /^has \{mask\}, and minilm-l6 has no masked-language-model head/,
    ],
    [
      'an axis that another method has',
      small('grid: { method.name: [head], method.length: [5] }'),
      'grids[0].grid.method.length[0]',
      /no such knob of head/,
    ],
    ['a value twice', small('grid: { seed: [1, 2, 1] }'), 'grids[0].grid.seed[2]', /1 stands there twice/],
    [
      'a rule that sets an axis',
      small('grid: { seed: [1] }\nwhen: [ { if: { seed: 1 }, set: { seed: 2 } } ]'),
      'grids[0].when[0].set.seed',
      /is an axis/,
    ],
    ['an exclude without a knob', small('exclude: [ {} ]'), 'grids[0].exclude[0]', /names no knob/],
    ['nothing left', small('grid: { seed: [1] }\nexclude: [ { seed: 1 } ]'), 'grids', /no cell is left/],
    [
      'patience without evaluations',
      small('training: { patience: 3 }'),
      'grids[0].training.patience',
      /needs training.evaluateEvery/,
    ],
  ])('refuses %s', (_what, text, path, message) => {
    const issue = issuesOf(text).find((i) => i.path === path);
    expect({ path, found: issue?.message ?? issuesOf(text) }).toEqual({ path, found: expect.stringMatching(message) as unknown });
  });

  it('refuses a million cells without making them', () => {
    const values = Array.from({ length: 1000 }, (_, i) => i + 1).join(', ');
    const [issue] = issuesOf(small(`grid: { seed: [${values}], training.steps: [${values}] }`));
    expect(issue).toEqual({ path: 'grids[0].grid', message: 'the experiment has 1000000 cells; at most 100000 are allowed' });
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

describe('parseGridFile', () => {
  it('reads several documents as grids of one experiment, and JSON as well', () => {
    const { name, grids } = parseGridFile(`${lengthAndInit}---\n${adaptation}`, 'both');
    expect([name, grids.map((g) => g.name)]).toEqual(['both', ['prompt-length-and-init', 'lm-adaptation']]);
    expect(parseGridFile('{"name": "j", "grid": {"seed": [1]}}').grids[0]).toMatchObject({ name: 'j', grid: { seed: [1] } });
  });

  it.each([
    ['broken YAML', 'name: a\ngrid: { seed: [1', /line 2, column \d+: /],
    ['an empty file', '# nothing\n', /grids: .*>=1|empty/],
    ['a grid without a name', 'grid: { seed: [1] }', /grids\[0\].name/],
    ['an axis without values', 'name: a\ngrid: { seed: [] }', /grids\[0\].grid.seed/],
    ['a list', '- a\n- b', /grids\[0\]/],
    [
      'a bomb of aliases',
      `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'
        .split('')
        .map((k, i) => `${k}: &${k} [${Array(9).fill(`*${'abcdefgh'[i]}`).join()}]`)
        .join('\n')}`,
      /alias/i,
    ],
  ])('refuses %s', (_what, text, message) => {
    expect(() => parseGridFile(text)).toThrow(message);
  });
});
