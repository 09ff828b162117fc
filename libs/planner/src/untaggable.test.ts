import { resolveCell } from './resolve-cell.js';

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

describe('untaggable', () => {
  it.each([
    [{ backbone: { name: 'smollm2-135m' } }, 'task.name', /tags words by an encoder's states, and smollm2-135m is a llama/],
    [{ backbone: { name: 't5-nano' } }, 'task.name', /t5-nano is a t5; expected a BERT, RoBERTa or MPNet/],
    [{ task: { name: 'tagging', path: 'x.conll', scoring: 'decode' } }, 'task.scoring', /"decode" writes text/],
    [{ method: { name: 'p-tuning-v2', classifier: false } }, 'method.classifier', /no verbalizer/],
    [{ method: { name: 'p-tuning', template: '{text} {prompt}' } }, 'method.template', /among the words/],
    [{ backbone: { folder: 'f' }, method: { name: 'p-tuning-v2', classifier: false } }, 'method.classifier', /no verbalizer/],
    [{ task: { name: 'restaurant8k', path: 'r', maxLength: 513 } }, 'task.maxLength', /need 513 positions/],
    [{ task: { name: 'restaurant8k', path: 'r', subset: 'train_9' } }, 'task.subset', /train_9/],
  ])('says of %j at %s why', (change, path, message) => {
    expect(issuesOf(change)).toEqual([{ path, message: expect.stringMatching(message) as string }]);
  });

  it.each(['head', 'full', 'prompt-tuning', 'p-tuning-v2', 'prefix-tuning', 'p-tuning', 'qlora', 'unipelt'])(
    'lets %s tag words',
    (name) => {
      expect(issuesOf({ method: { name } })).toEqual([]);
    },
  );
});
