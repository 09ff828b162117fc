/** Metrics of a language model, out of the negative log likelihoods of its texts, in nats and summed over
 *  tokens. */
export interface TextLikelihood {
  nats: number; // -log p of the text
  tokens: number; // that were predicted
  bytes: number; // of their text in UTF-8
}

/** Perplexity by token, smaller is better: e to the mean nats of a token, over all texts together. It depends
 *  on the tokenizer: compare models of one. */
export function perplexity(texts: readonly TextLikelihood[]): number {
  return Math.exp(rate(texts, 'tokens'));
}

/** Mean nats of a token of what is right, over all texts together; smaller is better. */
export const meanNats = (texts: readonly TextLikelihood[]): number => rate(texts, 'tokens');

/** Bits by byte of UTF-8, smaller is better: comparable between tokenizers, over all texts together (Gao et
 *  al. 2020, "The Pile", §3.1). */
export function bitsPerByte(texts: readonly TextLikelihood[]): number {
  return rate(texts, 'bytes') / Math.LN2;
}

function rate(texts: readonly TextLikelihood[], by: 'tokens' | 'bytes'): number {
  const nats = texts.reduce((sum, text) => sum + text.nats, 0);
  const count = texts.reduce((sum, text) => sum + text[by], 0);
  if (count === 0) throw new Error(`no ${by} were predicted, so that there is no likelihood of one`);
  return nats / count;
}
