import { type DecoderReference, readFixture } from '../fixtures/reference.js';
import { distribution, drawTokens, ranked, suffices } from './sampling.js';
import { bannedTokens } from './token-rules.js';

interface Sampled {
  sampling: {
    logits: number[];
    cases: { temperature: number; topK: number; topP: number; probabilities: number[] }[];
  };
}

describe('sampling', () => {
  const { logits, cases } = readFixture<DecoderReference & Sampled>('gpt2/expected.json').sampling;

  it.each(cases)(
    "has transformers' distribution: temperature $temperature, top-k $topK, top-p $topP",
    (one) => {
      const actual = distribution(Float32Array.from(logits), one);
      one.probabilities.forEach((p, id) => expect(actual[id]).toBeCloseTo(p, 6));
    },
  );

  it('draws by seed, row and step alone, in the right proportions', () => {
    const row = [Math.log(0.7), Math.log(0.2), Math.log(0.1), -Infinity];
    const rows = Array.from({ length: 4000 }, () => ranked(row));
    const options = { seed: 3, temperature: 1, topK: 0, topP: 1 };
    const tokens = drawTokens(rows, 5, options);
    expect(drawTokens(rows.slice(0, 10), 5, options)).toEqual(tokens.slice(0, 10));
    expect(drawTokens(rows, 6, options)).not.toEqual(tokens);
    expect(drawTokens(rows, 5, { ...options, seed: 4 })).not.toEqual(tokens);
    const share = (id: number) => tokens.filter((t) => t === id).length / 4000;
    [0.7, 0.2, 0.1].forEach((p, id) => expect(Math.abs(share(id) - p)).toBeLessThan(0.03));
    expect(share(3)).toBe(0);
  });

  it('draws the same from the best tokens alone, where the others are out of reach', () => {
    const all = ranked(logits);
    const few = { ids: Array.from(all.ids).slice(0, 9), logits: Array.from(all.logits).slice(0, 9) };
    const options = { seed: 1, temperature: 0.8, topK: 5, topP: 0.9 };
    expect(suffices(few, options)).toBe(true);
    for (let step = 0; step < 50; step++)
      expect(drawTokens([few], step, options)).toEqual(drawTokens([all], step, options));
    expect(suffices(few, { ...options, topK: 0 })).toBe(false);
    // a third may be as likely
    expect(suffices({ ids: [3, 1, 2], logits: [2, 1, 1] }, { ...options, topK: 2 })).toBe(false);
  });
});

describe('bannedTokens', () => {
  it('lists what would repeat an n-gram', () => {
    expect(bannedTokens([1, 2, 3, 1, 2], 3)).toEqual([3]);
    expect(bannedTokens([1, 2, 1, 3, 1], 2)).toEqual([2, 3]);
    expect(bannedTokens([4, 5], 1)).toEqual([4, 5]);
    expect(bannedTokens([1, 2], 3)).toEqual([]);
  });
});
