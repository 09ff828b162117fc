import type { Method } from '#contracts/method.js';
import type { TuneConfig } from '#contracts/trial.js';
import { issuesOf, plan } from '../fixtures/grids.js';
import { planGrids } from '../plan-grids.js';
import { type BackboneShape, shapeOf } from './backbone-sizes.js';
import { sized } from './counts.js';

const grid = (rest: string, backbone = 'minilm-l6') => `
name: b
backbone: { name: ${backbone} }
task: { name: wordnet-supersense }
${rest}`;
const parameters = shapeOf('minilm-l6')!.parameters;
const every = `[{ name: prompt-tuning }, { name: prefix-tuning, hidden: null }, { name: p-tuning-v2 }, { name: lora }, { name: dora },
  { name: qlora }, { name: adalora, targetRank: 1 }, { name: vera }, { name: adapter, trainNorms: false }]`;

it('sizes methods to the most that a share of the backbone allows', () => {
  const { cells } = plan(grid(`grid: { budget: [0.003, 0.006], method: ${every} }`));
  const on = shapeOf('minilm-l6')!;
  for (const { config, size } of cells) {
    const { budget, parameters: own, share } = size!;
    const { method } = config as TuneConfig;
    const { knob, count } = sized[method.name] as {
      knob: string;
      count(method: Method, on: BackboneShape): number;
    };
    expect(size).toMatchObject({
      method: method.name,
      knob: `method.${knob}`,
      size: method[knob as keyof Method],
    });
    expect([own, share]).toEqual([count(method, on), own / parameters]);
    expect(own).toBeLessThanOrEqual(budget * parameters);
    expect(count({ ...method, [knob]: size!.size + 1 } as Method, on)).toBeGreaterThan(budget * parameters);
  }
  expect(
    planGrids(plan(grid(`grid: { budget: [0.003, 0.006], method: ${every}, seed: [1, 2] }`)))[0]!.sizes,
  ).toHaveLength(18);
});

it('counts LoRA as Hu et al. (2022) do: two maps of d x d a layer, 2 r d each', () => {
  const [lora] = planGrids(plan(grid('method: { name: lora }\nbudget: 0.003')))[0]!.sizes;
  const each = 6 * 2 * 2 * 384;
  expect(lora).toMatchObject({ knob: 'method.rank', size: Math.floor((0.003 * parameters) / each) });
  expect(lora!.parameters).toBe(lora!.size * each);
});

it('is the same trial as with that size by hand', () => {
  const [solved] = plan(grid('method: { name: lora }\nbudget: 0.003')).cells;
  const { size } = solved!.size!;
  const [given] = plan(grid(`method: { name: lora, rank: ${size} }`)).cells;
  expect(given!.trialKey).toBe(solved!.trialKey);
  expect(solved!.config).toEqual(given!.config);
  expect(Object.keys(solved!.config)).not.toContain('budget');
});

it.each([
  [
    'a smaller one than the smallest size',
    'method: { name: lora }\nbudget: 0.0001',
    'budget',
    /trains 9,216 parameters of minilm-l6's [\d,]+ at its smallest, a share of 0\.000408/,
  ],
  [
    'an MLP that is beyond it',
    'method: { name: prefix-tuning }\nbudget: 0.01',
    'budget',
    /at its smallest, a share of 0\.1\d+, most of them of an MLP of width method.hidden/,
  ],
  [
    'more than the largest size',
    'method: { name: lora }\nbudget: 0.5',
    'budget',
    /at its largest, method.rank 384, a share of/,
  ],
  [
    'a method without a size',
    'method: { name: bitfit }\nbudget: 0.5',
    'budget',
    /^0.5, and method bitfit has no size that a budget could decide; expected prompt-tuning, /,
  ],
  ['a method with several', 'method: { name: mam }\nbudget: 0.5', 'budget', /mam has two sizes/],
  [
    'a size next to it',
    'method: { name: lora, rank: 4 }\nbudget: 0.01',
    'budget',
    /method.rank is given too/,
  ],
  ['a share that is none', 'method: { name: lora }\nbudget: 2', 'budget', /2: expected .*1/],
])('is refused: %s', (_what, rest, knob, message) => {
  expect(issuesOf(grid(rest))).toContainEqual({
    path: `grids[0].${knob}`,
    message: expect.stringMatching(message) as string,
  });
});

it('is refused where the backbone is read only when it is trained', () => {
  const folder = grid('method: { name: lora }\nbudget: 0.01').replace('name: minilm-l6', 'folder: ./x');
  expect(issuesOf(folder)[0]!.message).toMatch(
    /shape of this backbone is read where it is trained; give method.rank itself/,
  );
});
