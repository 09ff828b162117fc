import { toldApart } from './told-apart.js';

const task = (path: string, more: object = {}) => ({
  name: 'file',
  path: `/data/${path}`,
  label: 'y',
  ...more,
});

describe('the values of an axis', () => {
  it('say what tells them apart, and files by their own names', () => {
    const values = [task('web.csv'), task('kjv.csv')];
    expect(values.map(toldApart(values))).toEqual(['file (path web.csv)', 'file (path kjv.csv)']);
    const tested = [task('web.csv', { train: 9 }), task('web.csv', { train: 99 })];
    expect(tested.map(toldApart(tested))).toEqual(['file (train 9)', 'file (train 99)']);
  });

  it('are whole where names differ, but for where files lie', () => {
    const values = [task('web.csv'), { name: 'wordnet-supersense' }];
    expect(values.map(toldApart(values))).toEqual(['file (path web.csv, label y)', 'wordnet-supersense']);
  });

  it('keep folders where files are called alike', () => {
    const values = [task('a/web.csv'), task('b/web.csv')];
    expect(values.map(toldApart(values))[0]).toBe('file (path /data/a/web.csv, label y)');
  });

  it('stay as they are alone, beside none, and where they are no objects', () => {
    const lone = task('web.csv');
    expect(toldApart([lone])(lone)).toBe('file (path /data/web.csv, label y)');
    expect([null, 3, 'x', undefined].map(toldApart([null, 3, 'x', undefined]))).toEqual([
      'null',
      '3',
      'x',
      '–',
    ]);
    const sources = [null, { task: task('web.csv') }, { task: task('kjv.csv') }];
    expect(sources.map(toldApart(sources))).toEqual(['null', 'web.csv', 'kjv.csv']);
  });

  it('say in which knob they differ, however deep, where their usual texts are even', () => {
    const asked = (answer: object) => ({ task: task('web.csv', { answer }) });
    const values = [null, asked({ beams: 5 }), asked({ beams: 5, lengthPenalty: 2 })];
    expect(values.map(toldApart(values))).toEqual([
      'null',
      'web.csv (task.answer.lengthPenalty –)',
      'web.csv (task.answer.lengthPenalty 2)',
    ]);
    const lists = [['a b'], ['a', 'b']];
    expect(lists.map(toldApart(lists))).toEqual(['a b (["a b"])', 'a b (["a","b"])']);
  });
});
