import { createHash } from 'node:crypto';
import { atOnce } from './in-turns.js';

/** A number in [0, 1) that only depends on the key: where a group stands in every shuffle peftgrid makes of
 *  it. */
export function place(key: string, salt: string): number {
  return createHash('sha256').update(`${salt}\n${key}`).digest().readUInt32BE(0) / 2 ** 32;
}

export type Split = 'train' | 'validation' | 'test';

/** 80 / 10 / 10 by the hash of an item's group: fixed for ever, and whole groups stay together. */
export function splitOf(group: string, salt: string): Split {
  const p = place(group, `${salt} split`);
  return p < 0.8 ? 'train' : p < 0.9 ? 'validation' : 'test';
}

/** The first n items of the fixed order by hash; a larger n holds all of a smaller one. Throws where there
 *  are fewer. */
export function take<T extends { id: string }>(
  items: readonly T[],
  n: number | null,
  salt: string,
  what: string,
): T[] {
  return atOnce(taking(items, n, salt, what));
}

/** take() an item at a time. */
export function* taking<T extends { id: string }>(
  items: readonly T[],
  n: number | null,
  salt: string,
  what: string,
): Generator<void, T[]> {
  if (n !== null && n > items.length)
    throw new Error(`task.${what} asks for ${n} examples, and there are ${items.length}`);
  // place, then index: native numbers are sorted in a fraction of the time
  const keys = new BigUint64Array(items.length);
  for (const [i, item] of items.entries()) {
    yield;
    keys[i] = (BigInt(place(item.id, `${salt} order`) * 2 ** 32) << 32n) | BigInt(i);
  }
  const ordered = Array.from(keys.sort(), (key) => items[Number(key & 0xffffffffn)]!);
  return n === null ? ordered : ordered.slice(0, n);
}
