import { synonymsOf } from '../corpora/wordnet-synonyms.js';
import { metricFixture, type Texts } from '../fixtures/texts.js';
import { meteor, meteorOfTokens } from './meteor.js';
import { tokens13a } from './tokens/tokens-13a.js';

const fixture = metricFixture<{ scores: Record<string, number[]>; synonyms: Record<string, string[]> }>(
  'meteor.json',
);
const texts = metricFixture<Record<string, Texts>>('texts.json');

it("synonyms are those of NLTK's WordNet reader", () => {
  for (const [word, synonyms] of Object.entries(fixture.synonyms))
    expect([...synonymsOf(word)].sort()).toEqual(synonyms);
});

it.each(Object.entries(fixture.scores))("METEOR is NLTK's: %s", (name, scores) => {
  const { said, references } = texts[name]!;
  const own = meteorOfTokens(
    said.map(tokens13a),
    references.map((texts) => texts.map(tokens13a)),
  );
  expect(own.length).toBe(scores.length);
  for (const [i, score] of scores.entries()) expect(own[i]).toBeCloseTo(score, 10);
  expect(meteor(said, references)).toBeCloseTo(
    scores.reduce((sum, score) => sum + score, 0) / scores.length,
    10,
  );
});

it('an example without a reference is refused', () => {
  expect(() => meteor(['a'], [[]])).toThrow(/example 0 has no reference/);
});
