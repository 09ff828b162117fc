import { parse } from 'csv-parse/sync';
import { csvLines } from './csv.js';

it('gives a reader back what was written: numbers with their sign, texts with commas, quotes and line ends', () => {
  const line = [
    'a,b',
    'say "x"',
    'two\nlines',
    'one\rline',
    -0.25,
    1e-7,
    true,
    false,
    '',
    { knob: [1, 'x'] },
  ];
  const [read] = parse(csvLines([line]), { record_delimiter: '\n' }) as [string[]];
  expect(read).toEqual([...line.slice(0, 4), '-0.25', '1e-7', 'true', 'false', '', '{"knob":[1,"x"]}']);
});

it('keeps a text that a spreadsheet would run as a formula as a text, and no number', () => {
  const texts = ['=1+1', '+1', '-1+cmd', '@x', '\tx', '\rx'];
  expect(parse(csvLines([texts, [-1, -0.5]]), { record_delimiter: '\n', relax_column_count: true })).toEqual([
    texts.map((text) => `'${text}`),
    ['-1', '-0.5'],
  ]);
});

it('leaves nothing where there is nothing', () => {
  expect(csvLines([[null, undefined, 0]])).toBe(',,0\n');
});
