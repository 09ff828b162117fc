import type { Method } from '#contracts/method.js';
import { methodOf } from '#methods/table.js';
import type { Model } from '#models/model.js';
import { longestFirst } from '#models/pairs.js';
import type { Pairs } from '#models/tokenizer.js';
import { joined, type Segments } from '#tasks/example.js';
import type { Row } from './row.js';

/** How a model, or what a method makes of it, reads an input. */
export interface InputReader {
  /** What tells its rows from those of another reader. */
  readonly key: string;
  /** Tokens beyond maxLength, at most. */
  readonly extra: number;
  /** The token at the label's place, of a template with a {mask}. */
  readonly maskId?: number;
  read(input: Segments, maxLength: number): Row;
}

/** `method` is absent where the backbone is untouched. */
export function inputReader(model: Model, method?: Method): InputReader {
  const reading = method && methodOf(method).reading?.(method, model);
  if (reading) {
    const { extra, maskId } = reading;
    return {
      key: `${model.hash} ${JSON.stringify(method)}`,
      extra,
      ...(maskId !== undefined && { maskId }),
      read: (input, maxLength) => ({ ids: reading.read(joined(input), maxLength) }),
    };
  }
  const read = textReader(model);
  const { pairs } = model.tokenizer;
  if (model.kind === 'encoder' && pairs) return pairReader(model, pairs);
  return {
    key: `${model.tokenizer.hash} ${model.kind}`,
    extra: 0,
    read: (input, maxLength) => ({ ids: read(joined(input), maxLength) }),
  };
}

/** An encoder reads the last of several segments as the second part of a pair, and those before it as the
 *  first. */
function pairReader({ tokenizer, kind, family }: Model, { specials, join }: Pairs): InputReader {
  return {
    key: `${tokenizer.hash} ${kind}`,
    extra: 0,
    read(input, maxLength) {
      if (input.length < 2) return { ids: tokenizer.encode(joined(input), maxLength) };
      const [first, second] = [joined(input.slice(0, -1)), input.at(-1)!].map((text) =>
        tokenizer.encodePlain(text),
      );
      const [a, b] = longestFirst(first!.length, second!.length, Math.max(0, maxLength - specials));
      const { ids, types } = join(first!.slice(0, a), second!.slice(0, b));
      return types && family === 'bert' ? { ids, types } : { ids }; // other families have one type
    },
  };
}

/** A text's ids. One that a decoder goes on with is open at its end, without a space that the label word
 *  brings along; it is never empty. */
export function textReader(model: Model): (text: string, maxLength: number) => number[] {
  const { tokenizer } = model;
  if (model.kind !== 'decoder') return (text, maxLength) => tokenizer.encode(text, maxLength);
  return (text, maxLength) => {
    const ids = tokenizer.encodeOpen(text.trimEnd(), maxLength);
    return ids.length ? ids : [model.endId];
  };
}
