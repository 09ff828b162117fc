/** Pairs of texts as a tokenizer's post-processor puts them together: [CLS] a [SEP] b [SEP], <s> a </s></s> b
 *  </s>. */
import type { Pairs } from './tokenizer.js';

interface Seen {
  ids: readonly number[];
  types: readonly number[];
}

/** Seen on a pair of the same short text, whose own ids are `plain`; undefined where it does not hold both.
 */
export function pairsOf({ ids, types }: Seen, plain: readonly number[]): Pairs | undefined {
  const starts = ids.flatMap((_, i) => (plain.every((id, j) => ids[i + j] === id) ? [i] : []));
  if (plain.length === 0 || starts.length !== 2) return undefined;
  const [first, second] = starts as [number, number];
  const part = (from: number, to?: number) => ({ ids: ids.slice(from, to), types: types.slice(from, to) });
  const before = part(0, first);
  const between = part(first + plain.length, second);
  const behind = part(second + plain.length);
  const typed = types.some((type) => type !== 0);
  const all = (...parts: (readonly number[])[]) => parts.flat();
  return {
    specials: ids.length - 2 * plain.length,
    join: (a, b) => ({
      ids: all(before.ids, a, between.ids, b, behind.ids),
      behind: before.ids.length + a.length + between.ids.length,
      ...(typed && {
        types: all(
          before.types,
          a.map(() => types[first]!),
          between.types,
          b.map(() => types[second]!),
          behind.types,
        ),
      }),
    }),
  };
}

/** How many ids of each text are kept of `room`: the longer one is cut first, then both ("longest_first" of
 *  Hugging Face's tokenizers). */
export function longestFirst(first: number, second: number, room: number): [number, number] {
  if (first + second <= room) return [first, second];
  const short = Math.min(first, second);
  let kept: [number, number] = [short, short > room ? short : Math.max(short, room - short)];
  if (kept[0] + kept[1] > room) kept = [Math.floor(room / 2), Math.floor(room / 2) + (room % 2)];
  return first > second ? [kept[1], kept[0]] : kept;
}
