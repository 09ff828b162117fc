import { issuesOf, small } from './fixtures/grids.js';

describe('a grid that can not be run', () => {
  it.each([
    [
      'a misspelt axis',
      small('grid: { method.lenght: [1] }'),
      'grids[0].grid.method.lenght[0]',
      /no such knob of prompt-tuning; did you mean "method.length"/,
    ],
    ['a misspelt knob', small('trainig: { steps: 3 }'), 'grids[0].trainig', /did you mean "training"/],
    ['misspelt axes', small('gird: { seed: [1] }'), 'grids[0].gird', /did you mean "grid"/],
    ['misspelt rules', small('excludes: [{ seed: 1 }]'), 'grids[0].excludes', /did you mean "exclude"/],
    [
      'checkpoints chosen by a metric that such answers can not have',
      small('grid: { training.selectBy: [null, loss, bleu] }'),
      'grids[0].grid.training.selectBy[2]',
      /^"bleu", and "wordnet-supersense" has answers of kind class, whose metrics are accuracy, f1, .*loss$/,
    ],
    [
      'smoothed numbers',
      small('training: { labelSmoothing: 0.1 }').replace(
        '{ name: wordnet-supersense }',
        "{ name: file, kind: number, path: x.csv, input: '{x}', value: y }",
      ),
      'grids[0].training.labelSmoothing',
      /^0.1, and numbers are trained by their squared error/,
    ],
    [
      'a draw of all examples',
      small('grid: { task.draw: [0, 1] }'),
      'grids[0].grid.task.draw[1]',
      /^1, and task.train is null: all examples are trained on, and none is drawn$/,
    ],
    [
      'a sentinel that nothing is written behind',
      small('').replace('supersense', 'supersense, sentinel: true'),
      'grids[0].task.sentinel',
      /^true, and minilm-l6 is an encoder; T5 has sentinels$/,
    ],
    [
      'noise of a decoder, from which nothing is dropped',
      small('').replace(
        'name: minilm-l6',
        'pretrain: { size: { family: gpt2, dModel: 16, layers: 1, heads: 2 }, tokenizer: t5-nano, corpus: { sources: [moby-dick] }, steps: 1, meanSpan: 2 }',
      ),
      'grids[0].backbone.pretrain.meanSpan',
      /^2, and a gpt2 predicts packed text/,
    ],
    [
      'a kind of answer that there is not',
      `name: k
backbone: { name: smollm2-135m }
method: { name: lora }
task: { name: file, kind: foo, path: x.jsonl, input: '{x}' }`,
      'grids[0].task.kind',
      /^"foo"; expected one of class, choice, span, text, cloze, number, language/,
    ],
    [
      'a metric that the kind of answer cannot have',
      `name: k
backbone: { name: smollm2-135m }
method: { name: lora }
task: { name: file, kind: text, path: x.jsonl, input: '{x}', references: y, metrics: [accuracy] }`,
      'grids[0].task.metrics[0]',
      /^"accuracy": expected one of f1, exactMatch, .*bleu/,
    ],
    [
      'a wrong value',
      small('grid: { method.length: [5, 0] }'),
      'grids[0].grid.method.length[1]',
      /^0: expected 1 or more$/,
    ],
    [
      'a task without what it needs',
      small('').replace('wordnet-supersense', 'file'),
      'grids[0].task.input',
      /^is missing[:;] expected a text, or the two of a pair$/,
    ],
    ['a wrong type', small('training: { steps: many }'), 'grids[0].training.steps', /^"many": .*number/],
    [
      'an unknown choice',
      small('grid: { method.init: [randm] }'),
      'grids[0].grid.method.init[0]',
      /"randm".*random/,
    ],
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
      /"minilm" is no backbone; known are minilm-l3, minilm-l6, mpnet-base, smollm2-135m, t5-nano, t5-micro/,
    ],
    [
      'a prompt longer than the positions of a decoder',
      small('grid: { method.length: [8100] }').replace('minilm-l6', 'smollm2-135m'),
      'grids[0].grid.method.length[0]',
      /need 8228 positions, and smollm2-135m has 8192/,
    ],
    [
      'adapting an encoder',
      small('').replace(
        'minilm-l6',
        'minilm-l6, adapt: { steps: 10, corpus: { sources: [{ path: /a.txt }] } }',
      ),
      'grids[0].backbone.adapt',
      /needs a backbone that writes text, and minilm-l6 is a bert/,
    ],
    [
      'decoding without a decoder',
      small('').replace('name: wordnet-supersense', 'name: wordnet-supersense, answer: { by: decoding }'),
      'grids[0].task.answer.by',
      /minilm-l6 is an encoder, which answers kind class by "label-words" or "head"/,
    ],
    [
      'a prompt longer than the positions',
      small('grid: { method.length: [500] }'),
      'grids[0].grid.method.length[0]',
      /need 628 positions, and minilm-l6 has 512/,
    ],
    [
      'a mask where nothing predicts it',
      small('grid: { method.template: ["{prompt} {text}", "{prompt} {text} {mask}"] }').replace(
        'prompt-tuning',
        'p-tuning',
      ),
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
    [
      'nothing left',
      small('grid: { seed: [1] }\nexclude: [ { seed: 1 } ]'),
      'grids[0].exclude',
      /leaves none of the one cell/,
    ],
    [
      'patience without evaluations',
      small('training: { patience: 3 }'),
      'grids[0].training.patience',
      /needs training.evaluateEvery/,
    ],
  ])('refuses %s', (_what, text, path, message) => {
    const issue = issuesOf(text).find((i) => i.path === path);
    expect({ path, found: issue?.message ?? issuesOf(text) }).toEqual({
      path,
      found: expect.stringMatching(message) as unknown,
    });
  });

  it('refuses a million cells without making them', () => {
    const values = Array.from({ length: 1000 }, (_, i) => i + 1).join(', ');
    const [issue] = issuesOf(small(`grid: { seed: [${values}], training.steps: [${values}] }`));
    expect(issue).toEqual({
      path: 'grids[0].grid',
      message: 'the experiment has 1000000 cells; at most 100000 are allowed',
    });
  });
});
