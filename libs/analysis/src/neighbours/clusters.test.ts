import { bare } from '#contracts/bare-token.js';
import { clusters, sameStem } from './clusters.js';

it('holds words of one stem together, whatever their case and the marks of their tokenizer', () => {
  expect(clusters(['Technology', '▁technology', 'cat', 'Ġtechnologies', '##Technological'])).toEqual([
    { words: ['Technology', '▁technology', 'Ġtechnologies', '##Technological'], by: ['string'] },
  ]);
});

it('holds words together that are related, through others too, and says by what', () => {
  const synonyms = [
    ['entirely', 'completely'],
    ['completely', 'totally'],
  ];
  const related = (a: string, b: string) => synonyms.some((pair) => pair.includes(a) && pair.includes(b));
  expect(clusters(['entirely', 'dog', 'totally', 'Completely', 'total', 'dogs', 'cat'], related)).toEqual([
    { words: ['entirely', 'totally', 'Completely', 'total'], by: ['string', 'wordnet'] },
  ]);
  expect(clusters(['entirely', 'totally', 'completely'], related)[0]!.by).toEqual(['wordnet']);
  expect(clusters(['entirely', 'totally', 'completely'])).toEqual([]);
});

it('names the largest first, and no word that is alone', () => {
  expect(clusters(['running', 'table', 'runnings', 'tables', 'tabled', 'x']).map((c) => c.words)).toEqual([
    ['table', 'tables', 'tabled'],
    ['running', 'runnings'],
  ]);
  expect(clusters([])).toEqual([]);
});

it.each([
  ['technology', 'technologies', true],
  ['cat', 'cat', true],
  ['cat', 'cats', false], // three letters tell no stem
  ['inter', 'international', false], // less than two thirds
  ['running', 'walking', false],
])('%s and %s: one stem is %s', (a, b, same) => {
  expect([sameStem(a, b), sameStem(b, a)]).toEqual([same, same]);
});

it('sees no word in a mark alone', () => {
  expect(['##', '▁', 'Ġ', ' '].map(bare)).toEqual(['', '', '', '']);
  expect(clusters(['##', '▁'])).toEqual([]);
});
