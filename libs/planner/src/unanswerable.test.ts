import { resolveCell } from './resolve-cell.js';

const gloss = { name: 'wordnet-supersense' };

const cloze = { name: 'file', kind: 'cloze', path: 'p.csv', input: '{of} is {mask} in {place}.', word: 'w' };

const issuesOf = (change: object) => {
  const cell = {
    backbone: { name: 'minilm-l6' },
    task: { name: 'restaurant8k', path: 'r' },
    method: { name: 'lora' },
    ...change,
  };
  const resolved = resolveCell(cell);
  return 'issues' in resolved ? resolved.issues : [];
};

describe('unanswerable', () => {
  it.each([
    [
      { backbone: { name: 'smollm2-135m' } },
      'task.name',
      /kind tags, which a decoder can not give, and smollm2-135m is one/,
    ],
    [{ backbone: { name: 't5-nano' } }, 'task.name', /t5-nano is one; expected a BERT, RoBERTa or MPNet/],
    [
      { task: { name: 'tagging', path: 'x.conll', answer: { by: 'decoding' } } },
      'task.answer.by',
      /by "head"$/,
    ],
    [{ method: { name: 'p-tuning-v2', classifier: false } }, 'method.classifier', /answered by a head/],
    [{ task: { ...gloss, answer: { by: 'decoding' } } }, 'task.answer.by', /by "label-words" or "head"$/],
    [
      { task: { ...gloss, answer: { by: 'label-words' } }, method: { name: 'head' } },
      'task.answer.by',
      /its own head/,
    ],
    [
      { task: { ...gloss, answer: { by: 'label-words' } }, method: { name: 'p-tuning-v2' } },
      'method.classifier',
      /expected false/,
    ],
    [
      { task: { ...gloss, answer: { by: 'head' } }, method: { name: 'p-tuning-v2', classifier: false } },
      'method.classifier',
      /expected true/,
    ],
    [
      { task: { ...gloss, answer: { beams: 4 } } },
      'task.answer.beams',
      /^4, and nothing is written where the answer is by "label-words"/,
    ],
    [
      { task: { ...gloss, answer: { by: 'decoding', beams: 2, topP: 0.9 } }, backbone: { name: 't5-nano' } },
      'task.answer.topP',
      /draws need 1/,
    ],
    [
      {
        task: { ...gloss, answer: { by: 'head' } },
        method: { name: 'prefix-tuning', position: 'infix' },
        backbone: { name: 't5-nano' },
      },
      'method.position',
      /nothing written/,
    ],
    [{ method: { name: 'p-tuning', template: '{text} {prompt}' } }, 'method.template', /among the words/],
    [
      { backbone: { folder: 'f' }, method: { name: 'p-tuning-v2', classifier: false } },
      'method.classifier',
      /answered by a head/,
    ],
    [
      { task: cloze, backbone: { name: 'smollm2-135m' } },
      'task.input',
      /^"in \." follows \{mask\}, and smollm2-135m is a decoder/,
    ],
    [{ task: cloze }, 'task.kind', /minilm-l6 has no masked-language-model head; expected a BERT/],
    [{ task: { name: 'restaurant8k', path: 'r', maxLength: 513 } }, 'task.maxLength', /need 513 positions/],
    [{ task: { name: 'restaurant8k', path: 'r', subset: 'train_9' } }, 'task.subset', /train_9/],
  ])('says of %j at %s why', (change, path, message) => {
    expect(issuesOf(change)).toEqual([{ path, message: expect.stringMatching(message) as string }]);
  });

  it.each([
    { task: cloze, backbone: { name: 't5-nano' } },
    { task: { ...cloze, input: '{of} is {mask}.' }, backbone: { name: 'smollm2-135m' } },
    { task: { ...cloze, input: '{text}' }, backbone: { name: 'smollm2-135m' } }, // its rows have the mask
    { task: cloze, backbone: { folder: 'f' } },
  ])('lets %j fill an open place', (change) => {
    expect(issuesOf(change)).toEqual([]);
  });

  it.each(['head', 'full', 'prompt-tuning', 'p-tuning-v2', 'prefix-tuning', 'p-tuning', 'qlora', 'unipelt'])(
    'lets %s tag words',
    (name) => {
      expect(issuesOf({ method: { name } })).toEqual([]);
    },
  );
});
