import { plan, small } from './fixtures/grids.js';

/** One document each: what older code keyed so, in the words of a grid file. */
const keyed = {
  'prompts, seeds and a source': {
    text: small('from: { task: { name: wordnet-supersense, train: 2000 }, training: { steps: 50 } }'),
    keys: [
      ['fa8dd6dfa3fae6c3', '324f61d15a7b2f9e'],
      ['c601468d5df660fc', 'cba912f3c171deaa'],
    ],
  },
  'a mixture': {
    text: `
name: mixed
backbone: { name: t5-nano }
task:
  name: mixture
  tasks: { gloss: { name: wordnet-supersense, train: 50 }, b: { name: superglue, dataset: boolq, path: glue } }
method: { name: prefix-tuning, length: 5 }
training: { steps: 10, evaluateEvery: 5, patience: 2 }`,
    keys: [['03b58e0b0555e880', '22437302ffb6db6e']],
  },
  'pretraining and adaptation': {
    text: `
name: chain
backbone:
  pretrain:
    size: { family: t5, dModel: 16, dKv: 8, dFf: 32, layers: 1, heads: 2 }
    tokenizer: t5-nano
    corpus: { sources: [moby-dick] }
    steps: 10
  adapt: { steps: 5, corpus: { sources: [moby-dick] } }
task: { name: file, kind: text, path: a.csv, input: x, references: y }
method: { name: lora }`,
    keys: [
      ['794b70dc71f74dd1', null],
      ['afc461e0c425f48a', null],
      ['7300522b76446cff', 'd6500c347e41c8f4'],
    ],
  },
};

const gloss =
  'task: { name: wordnet-supersense }\nmethod: { name: prompt-tuning }\nbackbone: { name: t5-nano }';

const language = `backbone: { name: smollm2-135m }
task: { name: file, kind: language, path: a }
method: { name: lora }`;

describe('keys of trials', () => {
  it.each(Object.entries(keyed))('are what they were before the knobs came: %s', (_, { text, keys }) => {
    const found = plan(text).trials.map(({ key, gangKey }) => [
      key.slice(0, 16),
      gangKey?.slice(0, 16) ?? null,
    ]);
    expect(found).toEqual(keys);
  });

  it.each([
    ['task.draw', gloss.replace(' }', ', train: 5 }'), 0, 1],
    ['task.files', language, 'null', "'*.txt'"],
    ['task.wholeFiles', language.replace('a }', 'a, files: "*.txt" }'), false, true],
    ['task.sentinel', gloss, false, true],
    ['training.selectBy', gloss, 'null', 'f1'],
    ['method.dropout', gloss.replace('prompt', 'prefix'), 0, 0.1],
    ['training.dropout', gloss, 0, 0.1],
    ['training.labelSmoothing', gloss, 0, 0.1],
  ])('leave %s out at its default alone', (knob, base, usual, other) => {
    const keyOf = (more: string) => plan(`name: a\n${base}\n${more}`).cells[0]!.trialKey;
    const [bare, at, changed] = ['', `grid: { ${knob}: [${usual}] }`, `grid: { ${knob}: [${other}] }`].map(
      keyOf,
    );
    expect(at).toBe(bare);
    expect(changed).not.toBe(bare);
  });
});
