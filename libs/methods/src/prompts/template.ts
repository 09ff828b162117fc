/** Templates: words around a text, with slots for what a method trains (Liu et al. 2021 §3, P-tuning v1). */
import type { TemplatePart } from '#contracts/template.js';
import type { Model } from '#models/model.js';
import type { Tokenizer } from '#models/tokenizer.js';
import type { Reading } from '../method.js';
import { slotId } from '../members/slots.js';

/** Texts through a template, within the model's own special tokens. Throws where there is a {mask} and the
 *  model predicts none. */
export function templateReading(parts: readonly TemplatePart[], model: Model): Reading {
  const { tokenizer } = model;
  const maskId = parts.some((p) => p.kind === 'mask') ? maskOf(model) : undefined;
  const { before, after: behind } = specialsOf(tokenizer);
  const after = model.kind === 'decoder' ? [] : behind; // its answer follows
  let slots = 0;
  const fixed = parts.map((part): number[] | null => {
    if (part.kind === 'text') return null;
    if (part.kind === 'mask') return [maskId!];
    if (part.kind === 'slots') return Array.from({ length: part.count }, () => slotId(slots++));
    return withinText(tokenizer, part.words, part !== parts[0]);
  });
  const first = fixed[0] === null;
  return {
    extra: fixed.reduce((sum, ids) => sum + (ids?.length ?? 0), 0),
    read(text, maxLength) {
      const room = Math.max(0, maxLength - before.length - after.length);
      const own = withinText(tokenizer, text, !first).slice(0, room);
      return [...before, ...fixed.flatMap((ids) => ids ?? own), ...after];
    },
    ...(maskId !== undefined && { maskId }),
  };
}

function maskOf(model: Model): number {
  if (model.kind !== 'encoder')
    throw new Error(
      'method.template has {mask}, and the model writes its answer behind the text; leave {mask} out',
    );
  if (!model.maskLogits)
    throw new Error('method.template has {mask}, and the backbone has no masked-language-model head');
  return model.tokenizer.idOf(model.family === 'bert' ? '[MASK]' : '<mask>');
}

/** Throws where a label word is not one token, as a mask stands for. */
export function checkSingleTokens(words: readonly string[], { encodePlain }: Tokenizer): void {
  for (const word of words) {
    const count = encodePlain(word).length;
    if (count !== 1)
      throw new Error(
        `the label word "${word}" is ${count} tokens, and {mask} in method.template stands for one; choose task.labelWords of one token each`,
      );
  }
}

/** Ids of words as they stand in a text: byte-level tokenizers keep the space in front of a word with it. */
function withinText({ encodePlain }: Tokenizer, text: string, inside: boolean): number[] {
  const spaced = encodePlain(' a');
  const [, second] = encodePlain('a a');
  return encodePlain(inside && spaced.length === 1 && spaced[0] === second ? ` ${text}` : text);
}

function specialsOf({ encode, encodePlain }: Tokenizer): { before: number[]; after: number[] } {
  const [whole, plain] = [encode('a'), encodePlain('a')];
  const start = whole.findIndex((_, i) => plain.every((id, j) => whole[i + j] === id));
  return { before: whole.slice(0, start), after: whole.slice(start + plain.length) };
}
