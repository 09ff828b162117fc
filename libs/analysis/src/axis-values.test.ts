import { valueText } from './axis-values.js';

describe('the text of a value', () => {
  const file = {
    name: 'file',
    path: '/data/packages.csv',
    input: '{text}',
    label: 'section',
    validation: 200,
  };
  it.each([
    [null, 'null'],
    [1e-5, '1e-5'],
    [[0, 1], '0 1'],
    [{ name: 'lora', rank: 4 }, 'lora (rank 4)'],
    [{ task: file }, 'packages.csv'],
    [
      { task: { ...file, train: 2000 }, training: { steps: 200 }, seed: 1 },
      'packages.csv, train 2000, steps 200, seed 1',
    ],
    [{ task: { name: 'superglue', dataset: 'rte', path: 's' } }, 'rte'],
    [
      { task: { name: 'mixture', tasks: { a: file, b: file }, mixing: 'equal' }, training: { steps: 9 } },
      'a + b, steps 9',
    ],
  ])('%j is %s', (value, text) => {
    expect(valueText(value)).toBe(text);
  });
});
