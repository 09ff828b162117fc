import { metricFixture, type Texts } from '../fixtures/texts.js';
import { cider, ciderOfTokens } from './cider.js';
import { pennTokens } from './tokens/penn-tokens.js';
import { piecesOf } from './tokens/whitespace.js';

interface Expected {
  scores: Record<string, number>;
  scoresOfWords: Record<string, number>;
  tokens: Record<string, string[]>;
}

const { scores, scoresOfWords, tokens } = metricFixture<Expected>('cider.json');
const texts = metricFixture<Record<string, Texts>>('texts.json');

it.each(Object.entries(tokens))("tokens are CoreNLP's: %s", (text, expected) => {
  expect(pennTokens(text)).toEqual(expected);
});

it.each(Object.entries(scores))("CIDEr-D is pycocoevalcap's: %s", (name, score) => {
  const { said, references } = texts[name]!;
  expect(cider(said, references)).toBeCloseTo(score, 10);
});

it.each(Object.entries(scoresOfWords))("CIDEr-D over given tokens is pycocoevalcap's: %s", (name, score) => {
  const { said, references } = texts[name]!;
  const own = ciderOfTokens(
    said.map(piecesOf),
    references.map((texts) => texts.map(piecesOf)),
  );
  expect(own).toBeCloseTo(score, 10);
});

it('an example without a reference is refused', () => {
  expect(() => cider(['a'], [[]])).toThrow(/example 0 has no reference/);
});
