import { metricFixture, textCases } from '../fixtures/texts.js';
import { rouge, type RougeName } from './rouge.js';
import { porterStem } from './tokens/porter-stemmer.js';

interface Expected {
  stemmed: Record<RougeName, number>;
  plain: Record<RougeName, number>;
}

it.each(textCases<Expected>('rouge.json'))(
  "ROUGE is rouge-score's: %s",
  (_, { said, references }, expected) => {
    for (const name of ['rouge1', 'rouge2', 'rougeL'] as const) {
      expect(rouge(name, said, references)).toBeCloseTo(expected.stemmed[name], 10);
      expect(rouge(name, said, references, { stem: false })).toBeCloseTo(expected.plain[name], 10);
    }
  },
);

it("stems are NLTK's", () => {
  const stems = Object.entries(metricFixture<Record<string, string>>('porter.json'));
  expect(stems.length).toBeGreaterThan(1000);
  expect(stems.filter(([word, stem]) => porterStem(word) !== stem)).toEqual([]);
});

it('an example without a reference is refused', () => {
  expect(() => rouge('rouge1', ['a'], [[]])).toThrow(/example 0 has no reference/);
});
