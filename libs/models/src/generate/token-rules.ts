/** What may not, or must, be written next, as transformers' logits processors decide it. */

/** Tokens that must come first, and as the last of maxTokens. */
export interface Forced {
  forcedFirst?: number | undefined;
  forcedLast?: number | undefined;
  maxTokens: number;
}

/** The token that must come at `step`, which counts what was generated. It scores exactly 0, whatever the
 *  model thinks of it. */
export function forcedToken(
  step: number,
  { forcedFirst, forcedLast, maxTokens }: Forced,
): number | undefined {
  const last = step === maxTokens - 1 ? forcedLast : undefined;
  return last ?? (step === 0 ? forcedFirst : undefined);
}

/** What forbids tokens. */
export interface Bans {
  noRepeatNgram?: number;
  minTokens?: number; // before one of the ends
}

/** Whether anything is ever forbidden. */
export const bansTokens = ({ noRepeatNgram = 0, minTokens = 0 }: Bans): boolean =>
  noRepeatNgram > 0 || minTokens > 0;

/** Tokens that may not come at `step` behind a text, its prompt or start included. */
export function bannedAt(
  step: number,
  text: readonly number[],
  { noRepeatNgram = 0, minTokens = 0, endIds }: Bans & { endIds: readonly number[] },
): number[] {
  const repeated = noRepeatNgram > 0 ? bannedTokens(text, noRepeatNgram) : [];
  return step < minTokens ? [...repeated, ...endIds] : repeated;
}

/** Tokens that would end an n-gram which the text, its prompt or start included, already has. */
export function bannedTokens(text: readonly number[], n: number): number[] {
  const tail = text.slice(text.length - n + 1);
  if (text.length < n) return [];
  const starts = text.slice(0, text.length - n + 1).map((_, i) => i);
  return starts.filter((i) => tail.every((id, j) => text[i + j] === id)).map((i) => text[i + n - 1]!);
}
