import { bitsPerByte, perplexity } from './likelihood.js';

describe('metrics of likelihoods', () => {
  it('of a uniform model are the size of the vocabulary and its bits', () => {
    const texts = [3, 5, 0].map((tokens) => ({ nats: tokens * Math.log(256), tokens, bytes: tokens }));
    expect(perplexity(texts)).toBeCloseTo(256, 9);
    expect(bitsPerByte(texts)).toBeCloseTo(8, 12);
  });

  it('are of all tokens together, not means of texts', () => {
    const texts = [
      { nats: 1, tokens: 1, bytes: 4 },
      { nats: 9, tokens: 3, bytes: 16 },
    ];
    expect(perplexity(texts)).toBeCloseTo(Math.exp(2.5), 12);
    expect(bitsPerByte(texts)).toBeCloseTo(0.5 / Math.log(2), 12);
  });

  it('of nothing are refused', () => {
    expect(() => perplexity([])).toThrow(/no tokens were predicted/);
    expect(() => bitsPerByte([{ nats: 1, tokens: 1, bytes: 0 }])).toThrow(/no bytes were predicted/);
  });
});
