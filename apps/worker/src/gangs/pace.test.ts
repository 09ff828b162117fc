import { costOf, noted, Pace, type Sample, sizesToTake, tries, worthwhile } from './pace.js';

const fresh: Pace = { version: 1, of: 'a shape', sizes: {} };
const taking = (stepMs: number, compileSeconds = 0): Sample => ({ stepMs, compileSeconds });
const long = { cap: 16, steps: 1e6 };

/** Numbers between 0 and 1 (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A machine on which a member's step takes these milliseconds, by size, and up to a fifth more by chance. */
const machine = (next: () => number): Record<number, number> =>
  Object.fromEntries([1, 2, 4, 8, 16].map((size) => [size, 50 + 100 * next()]));

/** The gang that is taken where `waiting` trials can join. */
const taken = (pace: Pace, waiting: number, how = long): number =>
  Math.max(1, ...sizesToTake(pace, how).filter((size) => size <= 1 + waiting));

describe('how many trials share a step', () => {
  it('is one first, then the double of the best as long as that pays', () => {
    expect(sizesToTake(fresh, long)).toEqual([]);
    const alone = noted(fresh, 1, taking(100));
    expect(sizesToTake(alone, long)).toEqual([2]);
    const two = noted(alone, 2, taking(180));
    expect(sizesToTake(two, long)).toEqual([2, 4]);
    expect(sizesToTake(two, { ...long, cap: 3 })).toEqual([2]);
    expect(sizesToTake(two, { ...long, cap: 1 })).toEqual([]);
  });

  it('stays one where two did not pay twice, or paid too little', () => {
    const once = noted(noted(fresh, 1, taking(100)), 2, taking(196));
    expect(sizesToTake(once, long)).toEqual([2]);
    expect(sizesToTake(noted(once, 2, taking(230)), long)).toEqual([]);
  });

  it('counts first calls, which a short trial does not earn back', () => {
    const pace = noted(noted(fresh, 1, taking(100)), 2, taking(160, 4));
    expect(costOf(pace, 2, 40)).toBe((160 + 100) / 2);
    expect(sizesToTake(noted(pace, 2, taking(160, 4)), { cap: 16, steps: 40 })).toEqual([]);
    expect(sizesToTake(pace, { cap: 16, steps: 1000 })).toEqual([2, 4]);
  });

  it('is less than what did not fit into memory', () => {
    const pace = noted(noted(noted(fresh, 1, taking(100)), 2, taking(150)), 4, 'unfit');
    expect(sizesToTake(pace, long)).toEqual([2]);
    expect(sizesToTake(noted(pace, 2, 'unfit'), long)).toEqual([]);
  });

  it.each(Array.from({ length: 20 }, (_, seed) => seed))(
    'costs few trials to learn, and ends where doubling stops to pay (machine %i)',
    (seed) => {
      const next = random(seed);
      const costs = machine(next);
      let pace = fresh;
      const sizes: number[] = [];
      for (let gang = 0; gang < 60; gang++) {
        const size = taken(pace, Math.floor(40 * next()));
        expect(size).toBeLessThanOrEqual(long.cap);
        sizes.push(size);
        pace = noted(pace, size, taking(size * costs[size]! * (1 + 0.2 * next())));
        expect(Pace.parse(JSON.parse(JSON.stringify(pace)))).toEqual(pace);
      }
      const paying = sizesToTake(pace, long);
      for (const [i, size] of paying.entries())
        expect(costOf(pace, size, long.steps)).toBeLessThan(
          worthwhile * costOf(pace, paying[i - 1] ?? 1, long.steps),
        );
      const best = paying.at(-1) ?? 1;
      if (best < long.cap) {
        const further = pace.sizes[best * 2]?.samples.length ?? 0;
        expect(further).toBeGreaterThanOrEqual(tries);
      }
      for (const size of [2, 4, 8, 16])
        if (!paying.includes(size) && size > best * 2)
          expect(sizes.filter((s) => s === size).length).toBeLessThanOrEqual(tries);
      expect(sizesToTake(pace, long)).toEqual(paying);
    },
  );
});
