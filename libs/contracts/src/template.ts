/** Templates of P-tuning (Liu et al. 2021 §3): words around a text, with slots for pseudo tokens. */

export type TemplatePart =
  { kind: 'text' } | { kind: 'mask' } | { kind: 'slots'; count: number } | { kind: 'words'; words: string };

/** {text} once, {prompt} (`length` slots) or {prompt:n} at least once, {mask} at most once, anything else is
 *  words. Throws an Error that says what of it is missing or unknown. */
export function parseTemplate(template: string, length: number): TemplatePart[] {
  const refuse = (why: string): never => {
    throw new Error(why);
  };
  const pieces = template.split(/(\{[^{}]*\})/).filter((piece) => piece.trim() !== '');
  const parts = pieces.map((piece): TemplatePart => {
    if (piece === '{text}') return { kind: 'text' };
    if (piece === '{mask}') return { kind: 'mask' };
    const slots = /^\{prompt(?::([1-9]\d{0,3}))?\}$/.exec(piece);
    if (slots) return { kind: 'slots', count: slots[1] === undefined ? length : Number(slots[1]) };
    if (/[{}]/.test(piece)) return refuse(`${piece} is none of {text}, {prompt}, {prompt:3}, {mask}`);
    return { kind: 'words', words: piece.trim() };
  });
  const count = (kind: TemplatePart['kind']) => parts.filter((p) => p.kind === kind).length;
  if (count('text') !== 1) refuse(`it has {text} ${count('text')} times, expected once`);
  if (count('slots') === 0) refuse('it has no {prompt}, and nothing would be trained');
  if (count('mask') > 1) refuse(`it has {mask} ${count('mask')} times, expected once at most`);
  return parts;
}

export function slotCount(parts: readonly TemplatePart[]): number {
  return parts.reduce((sum, part) => sum + (part.kind === 'slots' ? part.count : 0), 0);
}
