/** The smallest padded length that holds n tokens: 8, 16, 24, 32, 48, 64, 96, 128, 192, 256 … (two steps an
 *  octave from 32 on), so that few shapes are compiled and at most a third of a batch is padding. */
export function lengthBucket(n: number): number {
  if (n <= 32) return Math.max(8, Math.ceil(n / 8) * 8);
  let power = 32;
  while (power * 2 < n) power *= 2;
  return n <= power * 1.5 ? power * 1.5 : power * 2;
}

/** The padded length of a prompt of n virtual tokens, a multiple of 4: a grid has few prompt lengths, and
 *  what is padded is computed in every layer of every step. */
export function promptBucket(n: number): number {
  return Math.ceil(n / 4) * 4;
}
