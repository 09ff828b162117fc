/** Clozes: texts with one open place, where a word belongs. */

/** What stands in a cloze's text at the open place. */
export const maskSlot = '{mask}';

/** What stands before the open place and after it. Throws where there is not one place. */
export function aroundMask(text: string): [before: string, after: string] {
  const [before, after, ...more] = text.split(maskSlot);
  if (after === undefined || more.length) throw new Error(`${JSON.stringify(text)} has not one ${maskSlot}`);
  return [before!, after];
}

/** The words that follow the open place of a text, which a decoder cannot read before it answers; null where
 *  nothing but punctuation does. A decoder answers at the end of what it reads. */
export function wordsAfterMask(text: string): string | null {
  const [, after] = aroundMask(text);
  return /[\p{L}\p{N}]/u.test(after) ? after.trim() : null;
}
