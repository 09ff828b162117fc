/** What may not, or must, be written next, as transformers' logits processors decide it. */

/** Tokens that must come first, and as the last of maxTokens. */
export interface Forced {
  forcedFirst?: number | undefined;
  forcedLast?: number | undefined;
  maxTokens: number;
}

/** The token that must come at `step`, which counts what was generated. It scores exactly 0, whatever the model thinks of it. */
export function forcedToken(step: number, { forcedFirst, forcedLast, maxTokens }: Forced): number | undefined {
  const last = step === maxTokens - 1 ? forcedLast : undefined;
  return last ?? (step === 0 ? forcedFirst : undefined);
}

/** Tokens that would end an n-gram which the text, its prompt or start included, already has. */
export function bannedTokens(text: readonly number[], n: number): number[] {
  const tail = text.slice(text.length - n + 1);
  if (text.length < n) return [];
  const starts = text.slice(0, text.length - n + 1).map((_, i) => i);
  return starts.filter((i) => tail.every((id, j) => text[i + j] === id)).map((i) => text[i + n - 1]!);
}
