import { issuesOf, plan, small } from './fixtures/grids.js';

const text = `name: g
backbone: { name: minilm-l6 }
task: { name: wordnet-supersense }
training: { steps: 3, batch: 8, optimizer: { name: adamw, learningRate: 0.01 } }
`;

/** The cells of a grid as far as rules move them: [method, rank, learning rate, seed]. */
function cellsOf(more: string) {
  return plan(text + more).cells.map(({ config }) => {
    if (config.stage !== 'tune') throw new Error('expected tuning');
    const { name, ...knobs } = config.method;
    return [name, 'rank' in knobs ? knobs.rank : null, config.training.optimizer.learningRate, config.seed];
  });
}

describe('rules', () => {
  it('see defaults', () => {
    expect(cellsOf('grid: { method.name: [lora, adalora] }\nexclude: [{ method.rank: 8 }]')).toEqual([
      ['adalora', 12, 0.01, 1],
    ]);
  });

  it('see what when sets, whose later rules see what earlier ones set', () => {
    const chain = `grid: { method.name: [head, lora] }
when:
  - { if: { method.rank: 4 }, set: { seed: 7 } }
  - { if: { method.name: lora }, set: { method.rank: 4 } }
  - { if: { method.rank: 4 }, set: { training.optimizer.learningRate: 0.5 } }
`;
    expect(issuesOf(text + chain)).toEqual([
      {
        path: 'grids[0].when[0]',
        message: 'matches no cell: none has all of these values at once when its turn comes',
      },
    ]);
    const later = chain.replace('  - { if: { method.rank: 4 }, set: { seed: 7 } }\n', '');
    expect(cellsOf(later)).toEqual([
      ['head', null, 0.01, 1],
      ['lora', 4, 0.5, 1],
    ]);
    expect(
      cellsOf(`${later}exclude: [{ method: { rank: 4 }, training.optimizer.learningRate: 5e-1 }]`),
    ).toEqual([['head', null, 0.01, 1]]);
  });

  it.each([
    '{ method: { name: lora, rank: 4 } }',
    '{ method: { rank: 4.0, name: lora } }',
    '{ method: { rank: 4 } }',
    '{ method.rank: 4, method: { name: lora } }',
    '{ method: { targets: [query, value] } }',
    '{ method.targets: [query, value] }',
    '{ method.alpha: 8 }',
  ])('match deeply and partially, whatever the order of keys: %s', (condition) => {
    const methods = 'grid: { method: [{ name: head }, { rank: 4, name: lora, targets: [query, value] }] }';
    expect(cellsOf(`${methods}\nwhen: [{ if: ${condition}, set: { seed: 9 } }]`)).toEqual([
      ['head', null, 0.01, 1],
      ['lora', 4, 0.01, 9],
    ]);
    expect(cellsOf(`${methods}\nexclude: [${condition}]`)).toEqual([['head', null, 0.01, 1]]);
  });

  it('match objects within lists, and a knob that is null or absent by null', () => {
    const from = '{ task: { name: wordnet-supersense, train: 9 } }';
    const both = `method: { name: lora }\ngrid: { from: [null, ${from}] }`;
    expect(plan(`${text}${both}\nexclude: [{ from: null }]`).cells.map((c) => c.point)).toMatchObject([
      { from: { task: { train: 9 } } },
    ]);
    expect(plan(`${text}${both}\nexclude: [{ from.task.train: 9 }]`).cells.map((c) => c.point)).toEqual([
      { from: null },
    ]);
    expect(
      plan(`${text}${both}\nexclude: [{ from: { training: { steps: 3 } } }]`).cells.map((c) => c.point),
    ).toEqual([{ from: null }]);
    const adapted =
      small(`grid: { backbone.adapt.steps: [0, 5], backbone.adapt.corpus.sources: [[sotu], [{ path: /a }]] }
exclude: [{ backbone.adapt.steps: 0, backbone.adapt.corpus: { sources: [{ path: /a }] } }]`).replace(
        'minilm-l6',
        't5-nano',
      );
    expect(plan(adapted).cells.map((c) => Object.values(c.point).join())).toEqual([
      '0,sotu',
      '5,sotu',
      '5,[object Object]',
    ]);
  });

  it('apply to baselines', () => {
    const grid = 'grid: { method.name: [head], seed: [1, 2] }\nbaselines: [{ method: { name: full } }]';
    expect(
      cellsOf(`${grid}\nwhen: [{ if: { method.name: full }, set: { training.optimizer.learningRate: 0.0001 } }]
exclude: [{ method.name: full, seed: 2 }]`),
    ).toEqual([
      ['head', null, 0.01, 1],
      ['head', null, 0.01, 2],
      ['full', null, 0.0001, 1],
    ]);
  });

  it('leave out what could not be trained, before it is refused', () => {
    const { cells } = plan(
      small(
        'grid: { method.length: [5, 500], task.maxLength: [8, 128] }\nexclude: [{ method.length: 500, task.maxLength: 128 }]',
      ),
    );
    expect(cells).toHaveLength(3);
    expect(
      cellsOf(
        'grid: { method.name: [head, lora], method.rank: [4] }\nexclude: [{ method.name: head, training.batch: 8 }]',
      ),
    ).toEqual([['lora', 4, 0.01, 1]]);
  });

  it('count the cells that each touched, baselines and what others touched too', () => {
    const { grids } = plan(`${text}grid: { method.name: [head, lora, dora], seed: [1, 2] }
baselines: [{ method: { name: lora, rank: 2 } }]
when: [{ if: { method.name: lora }, set: { training.batch: 4 } }]
exclude: [{ method.rank: 2 }, { seed: 2 }]`);
    expect(grids[0]!.rules.map(({ place, cells }) => [place, cells])).toEqual([
      ['when[0]', 4],
      ['exclude[0]', 2],
      ['exclude[1]', 4],
    ]);
  });

  it.each([
    ['exclude: [{ method.nme: lora }]', 'exclude[0].method.nme', 'no such knob; did you mean "method.name"?'],
    [
      'exclude: [{ method: { nme: lora } }]',
      'exclude[0].method.nme',
      'no such knob; did you mean "method.name"?',
    ],
    ['exclude: [{ metod.name: lora }]', 'exclude[0].metod.name', 'no such knob; did you mean "method.name"?'],
    ['exclude: [{ name: g }]', 'exclude[0].name', /^no such knob; known are stage, backbone, task/],
    ['exclude: [{ method.rank.x: 1 }]', 'exclude[0].method.rank.x', /method.rank has one value/],
    ['exclude: [{ __proto__.x: 1 }]', 'exclude[0].__proto__.x', /no such knob/],
    ['exclude: [{ method.constructor: 1 }]', 'exclude[0].method.constructor', /no such knob/],
    ['exclude: [{ method.rank: "8" }]', 'exclude[0].method.rank', '"8": expected a number'],
    ['exclude: [{ method.rank: 8.5 }]', 'exclude[0].method.rank', /^8.5: expected a whole number/],
    ['exclude: [{ method.rank: 0 }]', 'exclude[0].method.rank', /^0: expected 1 or more/],
    ['exclude: [{ method.rank: null }]', 'exclude[0].method.rank', 'null: expected a number'],
    [
      'exclude: [{ method.name: loar }]',
      'exclude[0].method.name',
      /^"loar"; expected one of .*; did you mean "lora"\?$/,
    ],
    ['exclude: [{ method.name: LoRA }]', 'exclude[0].method.name', /did you mean "lora"/],
    [
      'exclude: [{ method: lora }]',
      'exclude[0].method',
      /^"lora": expected .*; did you mean "method.name"\?$/,
    ],
    [
      'exclude: [{ method.init: [random] }]',
      'exclude[0].method.init',
      /^\["random"\]: expected one of random, /,
    ],
    ['exclude: [{ training.batch: [8] }]', 'exclude[0].training.batch', '[8]: expected a number'],
    [
      'exclude: [{ method.name: lora, method: { name: head } }]',
      'exclude[0].method.name',
      /"lora" and for "head" at once/,
    ],
    [
      'exclude: [{ method.length: 5 }]',
      'exclude[0].method.length',
      'matches no cell: none has the knob method.length',
    ],
    [
      'exclude: [{ training.batch: 9 }]',
      'exclude[0].training.batch',
      'matches no cell: training.batch is 8 there',
    ],
    [
      'exclude: [{ method.name: dora }]',
      'exclude[0].method.name',
      'matches no cell: method.name is "head", "lora" there',
    ],
    [
      'exclude: [{ method.name: head, method.rank: 8 }]',
      'exclude[0]',
      /none has all of these values at once/,
    ],
    ['exclude: [{ training.batch: 8 }]', 'exclude', 'leaves none of 4 cells'],
    ['exclude: [{ method.name: lora }, { method.name: head }]', 'exclude', 'leaves none of 4 cells'],
    ['exclude: [{}]', 'exclude[0]', /names no knob/],
    [
      'when: [{ if: {}, set: { training.batch: 3 } }]',
      'when[0].if',
      /names no knob, and would match every cell/,
    ],
    ['when: [{ if: { method.name: lora }, set: {} }]', 'when[0].set', 'sets no knob'],
    [
      'when: [{ if: { method.nme: lora }, set: { training.batch: 3 } }]',
      'when[0].if.method.nme',
      /did you mean "method.name"/,
    ],
    [
      'when: [{ if: { method.name: dora }, set: { training.batch: 3 } }]',
      'when[0].if.method.name',
      /^matches no cell/,
    ],
    [
      'when: [{ if: { method.name: lora }, set: { method.rnak: 3 } }]',
      'when[0].set.method.rnak',
      /did you mean "method.rank"/,
    ],
    [
      'when: [{ if: { method.name: lora }, set: { method.rank: 0 } }]',
      'when[0].set.method.rank',
      /^0: expected 1 or more/,
    ],
    ['when: [{ if: { method.name: lora }, set: { seed: 3 } }]', 'when[0].set.seed', /is an axis/],
    [
      'when: [{ if: { method.name: lora }, set: { method: { name: head } } }]',
      'when[0].set.method',
      /the axis method.name gives/,
    ],
  ])('refuses %s', (rule, path, message) => {
    expect(issuesOf(`${text}grid: { method.name: [head, lora], seed: [1, 2] }\n${rule}`)).toEqual([
      {
        path: `grids[0].${path}`,
        message: typeof message === 'string' ? message : expect.stringMatching(message),
      },
    ]);
  });

  it('may ask for a knob that only some variants have', () => {
    expect(
      cellsOf('grid: { method: [{ name: lora }, { name: prompt-tuning }] }\nexclude: [{ method.rank: 8 }]'),
    ).toEqual([['prompt-tuning', null, 0.01, 1]]);
  });

  it('match many cells against many rules', () => {
    const steps = Array.from({ length: 300 }, (_, i) => i + 1);
    const rules = steps.map((step) => `{ training.steps: ${step}, seed: ${step % 100} }`);
    const { cells, grids } = plan(
      small(
        `grid: { training.steps: [${steps.join()}], seed: [${steps.slice(0, 10).join()}] }\nexclude: [${rules
          .filter((_, i) => (i + 1) % 100 > 0 && (i + 1) % 100 <= 10)
          .join()}]`,
      ),
    );
    expect([cells.length, grids[0]!.rules.every((rule) => rule.cells === 1)]).toEqual([2970, true]);
  });
});
