import type { HostRandom } from '#engine/host-random.js';
import type { Denoising } from './span-corruption.js';

/** A text cut in two at a random place: the model reads the front and goes on with the rest, both closed by
 *  the end token as T5's features are. Texts of more than `length - 1` tokens are read through a random
 *  window. Raffel et al. 2020 §3.2.1, and the LM adaptation of Lester et al. 2021 §3.1. Null where there is
 *  nothing to cut. */
export function splitPrefix(
  text: readonly number[],
  { length, endId }: { length: number; endId: number },
  random: HostRandom,
): Denoising | null {
  if (text.length < 2) return null;
  const room = Math.min(text.length, length - 1);
  const from = random.below(text.length - room + 1);
  const cut = from + 1 + random.below(room - 1);
  return { inputs: [...text.slice(from, cut), endId], targets: [...text.slice(cut, from + room), endId] };
}
