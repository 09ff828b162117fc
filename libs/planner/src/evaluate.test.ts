import { evaluatedBy, type TrialConfig } from '#contracts/trial.js';
import { trialKey } from './trial-key.js';
import { issuesOf, plan, small } from './fixtures/grids.js';

const other = '{ name: file, path: other.csv, input: "{text}", label: y }';
const byKey = (text: string) => new Map(plan(text).trials.map((trial) => [trial.key, trial]));
const evaluation = (config: TrialConfig) => {
  if (config.stage !== 'evaluate') throw new Error(`expected an evaluation, not ${config.stage}`);
  return config;
};

describe('cells that ask what others have trained', () => {
  const asked = small(`grid: { evaluate: [null, { task: ${other} }], seed: [1, 2] }`);

  it('stand beside those, and wait for them', () => {
    const { cells, trials } = plan(asked);
    expect(cells.map((c) => c.config.stage)).toEqual(['tune', 'tune', 'evaluate', 'evaluate']);
    expect(trials).toHaveLength(4);
    for (const [i, cell] of cells.slice(2).entries()) {
      const trial = trials.find((t) => t.key === cell.trialKey)!;
      expect(trial).toMatchObject({ steps: 0, gangKey: null });
      expect(trial.waitsFor).toEqual([{ key: cells[i]!.trialKey, kind: 'adapter', step: 1000 }]);
    }
  });

  it('leave every other trial what it is', () => {
    const alone = byKey(small('grid: { seed: [1, 2] }'));
    const beside = byKey(asked);
    for (const [key, trial] of alone) expect(beside.get(key)).toEqual(trial);
  });

  it('bring along what they ask, with all that this waits for in turn', () => {
    const { trials } = plan(`
name: chain
backbone: { name: t5-nano, adapt: { steps: 500 } }
task: { name: wordnet-supersense }
method: { name: prompt-tuning }
from: { task: { name: wordnet-supersense, train: 2000 } }
evaluate: { task: ${other} }`);
    expect(trials.map((t) => t.config.stage)).toEqual(['adapt', 'tune', 'tune', 'evaluate']);
    const [adapt, before, tuned, last] = trials;
    const backbone = { key: adapt!.key, kind: 'backbone', step: 500 };
    expect(before!.waitsFor).toEqual([backbone]);
    expect(tuned!.waitsFor).toEqual([backbone, { key: before!.key, kind: 'adapter', step: 1000 }]);
    expect(last!.waitsFor).toEqual([backbone, { key: tuned!.key, kind: 'adapter', step: 1000 }]);
  });

  it('are crossed with every axis, baselines and rules', () => {
    const { cells } = plan(
      small(`
grid: { method.length: [2, 4], evaluate: [null, { task: ${other} }] }
baselines: [{ method: { name: head }, evaluate: null }]
when: [{ if: { evaluate.task.name: file }, set: { evaluate.task.test: 50 } }]
exclude: [{ method.length: 4, evaluate: null }]`),
    );
    expect(cells.map((c) => [c.config.stage, c.baseline])).toEqual([
      ['tune', false],
      ['evaluate', false],
      ['evaluate', false],
      ['tune', true],
    ]);
    expect(evaluation(cells[1]!.config).evaluate!.task).toMatchObject({ test: 50 });
  });

  it('take over how the task is answered', () => {
    const byHead = small(`evaluate: { task: ${other} }`).replace(
      'wordnet-supersense',
      'wordnet-supersense, answer: { by: head }',
    );
    const [cell] = plan(byHead).cells;
    expect(evaluation(cell!.config).evaluate!.task!.answer.by).toBe('head');
  });
});

describe('an ensemble', () => {
  it('stands once, whatever the axis of seeds, which are its members', () => {
    const { cells, trials } = plan(
      small('grid: { method.length: [2, 4], seed: [3, 1, 2], evaluate: [null, { ensemble: {} }] }'),
    );
    const ensembles = cells.filter((c) => c.config.stage === 'evaluate');
    expect(cells).toHaveLength(8);
    expect(ensembles.map((c) => c.point)).toEqual(
      [2, 4].map((length) => ({ 'method.length': length, evaluate: { ensemble: {} } })),
    );
    for (const { config, trialKey: key } of ensembles) {
      expect(evaluation(config).evaluate!.ensemble).toEqual({ seeds: [3, 1, 2], combine: 'vote' });
      const members = evaluatedBy(evaluation(config));
      expect(members.map((m) => m.seed)).toEqual([3, 1, 2]);
      const keys = trials.find((t) => t.key === key)!.waitsFor.map((w) => w.key);
      const own = members.map((m) => cells.find((c) => trialKey(c.config) === trialKey(m))!.trialKey);
      expect(keys).toEqual(own);
    }
    expect(trials).toHaveLength(8);
  });

  it('names its members itself where there is no such axis', () => {
    const { cells, trials } = plan(small('evaluate: { ensemble: { seeds: [7, 8], combine: mean } }'));
    expect(cells).toHaveLength(1);
    expect(cells[0]!.config).toMatchObject({ seed: 7 });
    expect(trials.map((t) => t.config.stage)).toEqual(['tune', 'tune', 'evaluate']);
  });

  it('may have members that begin with one adapter', () => {
    const { trials } = plan(small('evaluate: { ensemble: { seeds: [7, 8] } }\nfrom: { adapter: p.npy }'));
    const [seven, eight, both] = trials;
    expect([seven, eight].map((t) => t!.config)).toMatchObject([
      { seed: 7, from: { adapter: 'p.npy' } },
      { seed: 8, from: { adapter: 'p.npy' } },
    ]);
    expect(both!.waitsFor.map(({ key }) => key)).toEqual([seven!.key, eight!.key]);
  });
});

const refused: [string, string, RegExp][] = [
  ['evaluate: {}', 'grids[0].evaluate', /expected a task, an ensemble or both/],
  ['stage: evaluate', 'grids[0].evaluate', /is missing; expected a task/],
  ['evaluate: { ensemble: {} }', 'grids[0].evaluate.ensemble.seeds', /is missing/],
  ['evaluate: { ensemble: { seeds: [1, 1] } }', 'grids[0].evaluate.ensemble.seeds', /each seed once/],
  ['evaluate: { ensemble: { seeds: [1] } }', 'grids[0].evaluate.ensemble.seeds', /2/],
  ['evalute: { task: { name: wordnet-supersense } }', 'grids[0].evalute', /did you mean "evaluate"/],
  ['evaluate: { task: { name: file, path: a.csv } }', 'grids[0].evaluate.task.input', /missing|expected/],
  [
    'evaluate: { task: { name: wordnet-supersense, maxLength: 512 } }\nmethod: { name: prompt-tuning }',
    'grids[0].method.length',
    /evaluate.task.maxLength 512 need 612 positions/,
  ],
  [
    'evaluate: { task: { name: tagging, path: a.jsonl } }\nmethod: { name: head }',
    'grids[0].evaluate.task',
    /kind tags.*trained for kind class/,
  ],
  [
    'evaluate: { task: { name: wordnet-supersense, answer: { by: head } } }',
    'grids[0].evaluate.task.answer.by',
    /"head", and the trial that is asked answers by "label-words"/,
  ],
  [
    'evaluate: { ensemble: { seeds: [1, 2] } }\nfrom: { task: { name: wordnet-supersense } }',
    'grids[0].from',
    /members of an ensemble/,
  ],
  [
    'evaluate: { ensemble: { seeds: [1, 2] }, task: { name: tagging, path: a.jsonl } }',
    'grids[0].evaluate.ensemble',
    /kind tags, which have no vote/,
  ],
  [
    'backbone: { name: t5-nano }\nevaluate: { ensemble: { seeds: [1, 2], combine: mean } }\ntask: { name: wordnet-supersense, answer: { by: decoding } }',
    'grids[0].evaluate.ensemble.combine',
    /no probabilities/,
  ],
];

describe('is refused at submission', () => {
  it.each(refused)('%s', (text, path, message) => {
    const given = text.split('\n').map((line) => line.split(':')[0]);
    const base = small('')
      .split('\n')
      .filter((line) => !given.includes(line.split(':')[0]!));
    expect(issuesOf([...base, text].join('\n'))).toContainEqual({
      path,
      message: expect.stringMatching(message) as string,
    });
  });
});

describe('a prompt that somebody wrote', () => {
  const none = (more: string) => small(more).replace('{ name: prompt-tuning }', '{ name: none }');

  it('stands beside methods, trains nothing, and is one trial for all seeds without examples', () => {
    const text = small(`
training: { steps: 70, precision: bfloat16 }
grid: { method: [{ name: prompt-tuning }, { name: none }], seed: [1, 2] }`).replace(
      'minilm-l6',
      'smollm2-135m',
    );
    const { cells, trials } = plan(text.replace('method: { name: prompt-tuning }\n', ''));
    expect(cells.map((c) => c.config.stage)).toEqual(['tune', 'tune', 'evaluate', 'evaluate']);
    expect(trials).toHaveLength(3);
    expect(trials[2]).toMatchObject({ steps: 0, waitsFor: [], gangKey: null, config: { seed: 1 } });
    expect(evaluation(cells[2]!.config).training).toMatchObject({ steps: 1000, precision: 'bfloat16' });
  });

  it('draws examples by the seed, and is asked what others are asked', () => {
    const asked = none(
      `method: { name: none, shots: 2 }\nevaluate: { task: ${other} }\ngrid: { seed: [1, 2] }`,
    )
      .replace('method: { name: none }\n', '')
      .replace('minilm-l6', 'smollm2-135m');
    const { cells, trials } = plan(asked);
    expect(trials.map((t) => evaluation(t.config).seed)).toEqual([1, 2]);
    expect(cells[0]!.config).toMatchObject({ task: { name: 'file', path: 'other.csv' } });
    expect(evaluation(cells[0]!.config).evaluate).toBeUndefined();
  });

  it.each<[string, string, RegExp]>([
    ['method: { name: none, shots: 4 }', 'grids[0].method.shots', /an encoder writes nothing/],
    ['method: { name: none, template: "{text}" }', 'grids[0].method.template', /\{mask\} 0 times/],
    ['method: { name: none, template: "{text} {mask}" }', 'grids[0].method.template', /no masked-language/],
    ['method: { name: none, length: 4 }', 'grids[0].method.length', /no such knob of none/],
    ['from: { task: { name: wordnet-supersense } }', 'grids[0].from', /no parameters to begin with/],
    ['evaluate: { ensemble: { seeds: [1, 2] } }', 'grids[0].evaluate.ensemble', /method none trains nothing/],
  ])('is refused: %s', (more, path, message) => {
    const base = more.startsWith('method') ? none(more).replace('method: { name: none }\n', '') : none(more);
    expect(issuesOf(base)).toContainEqual({ path, message: expect.stringMatching(message) as string });
  });
});
