import { createHash } from 'node:crypto';

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

/** How many examples of each split are asked for; null: all. */
export type Taken = Readonly<Record<Split, number | null>> & { draw: number };

/** The examples that a config asks for, an item at a time: the first of the fixed order by hash. A larger
 *  number holds all of a smaller one. Training examples have another such order for every draw. Throws where
 *  there are fewer. */
export function* taking<T extends { id: string }>(
  items: readonly T[],
  taken: Taken,
  salt: string,
  split: Split,
): Generator<void, T[]> {
  const n = taken[split];
  if (n !== null && n > items.length)
    throw new Error(`task.${split} asks for ${n} examples, and there are ${items.length}`);
  // the first draw's order is older than draws
  const order = split === 'train' && taken.draw > 0 ? `${salt} order ${taken.draw}` : `${salt} order`;
  // place, then index: native numbers are sorted in a fraction of the time
  const keys = new BigUint64Array(items.length);
  for (const [i, item] of items.entries()) {
    yield;
    keys[i] = (BigInt(place(item.id, order) * 2 ** 32) << 32n) | BigInt(i);
  }
  const ordered = Array.from(keys.sort(), (key) => items[Number(key & 0xffffffffn)]!);
  return n === null ? ordered : ordered.slice(0, n);
}
