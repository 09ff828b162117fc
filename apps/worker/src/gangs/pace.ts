import { z } from 'zod';

/** What gangs of one shape took on this machine, and how many members the next one is to have. Pure. */

/** Of one gang: its median step, and what its first calls took. */
export const Sample = z.strictObject({
  stepMs: z.number().positive(), // of all members together
  compileSeconds: z.number().min(0),
});
export type Sample = z.infer<typeof Sample>;

const mostSamples = 8; // of one size: the newest

/** By members of a gang. `unfit`: so many did not fit into memory. */
const Sizes = z.record(
  z.string().regex(/^[1-9]\d*$/),
  z.strictObject({ samples: z.array(Sample).max(mostSamples), unfit: z.boolean() }),
);

/** A file of its own in the home folder. `of` says to people whose pace it is. */
export const Pace = z.strictObject({ version: z.literal(1), of: z.unknown(), sizes: Sizes });
export type Pace = z.infer<typeof Pace>;

type Measured = Pick<Pace, 'sizes'>;

/** A gang must be this much cheaper than the best smaller one, so that chance chooses none. */
export const worthwhile = 0.95;
/** Gangs of one size that are tried before it is given up. */
export const tries = 2;

/** The same with what a gang of `members` took, or that it did not fit. */
export function noted<P extends Measured>(pace: P, members: number, found: Sample | 'unfit'): P {
  const own = pace.sizes[members] ?? { samples: [], unfit: false };
  const next =
    found === 'unfit'
      ? { ...own, unfit: true }
      : { ...own, samples: [...own.samples, found].slice(-mostSamples) };
  return { ...pace, sizes: { ...pace.sizes, [members]: next } };
}

/** Milliseconds that a member's step takes in a gang of this size, its share of the first calls included.
 *  The fastest of the newest gangs counts, since other work on the machine only slows down; first calls count
 *  with their mean, since a warm trainer has few. Infinity where it was not measured, or did not fit. */
export function costOf({ sizes }: Measured, members: number, steps: number): number {
  const { samples = [], unfit = false } = sizes[members] ?? {};
  if (samples.length === 0 || unfit) return Infinity;
  const compileMs = (1e3 * samples.reduce((sum, s) => sum + s.compileSeconds, 0)) / samples.length;
  return (Math.min(...samples.map((s) => s.stepMs)) + compileMs / steps) / members;
}

/** How many members the next gang of trials of `steps` steps may have, ascending; the largest that enough
 *  trials wait for is to be taken, and one alone where none is. Sizes are 1, 2, 4 … up to `cap`. A trial
 *  alone comes first. Then the double of the best size so far is tried, `tries` times at most, as long as
 *  each pays; so a shape costs at most `tries` gangs a size that it need not have had. */
export function sizesToTake(pace: Measured, { cap, steps }: { cap: number; steps: number }): number[] {
  const paying: number[] = [];
  let best = 1;
  for (let size = 2; size <= cap; size *= 2) {
    if (costOf(pace, size, steps) >= worthwhile * costOf(pace, best, steps)) continue;
    best = size;
    paying.push(size);
  }
  if (costOf(pace, 1, steps) === Infinity) return [];
  const next = best * 2;
  return mayBeTried(pace, next) && next <= cap ? [...paying, next] : paying;
}

function mayBeTried({ sizes }: Measured, size: number): boolean {
  const smallestUnfit = Math.min(
    ...Object.entries(sizes).flatMap(([members, { unfit }]) => (unfit ? [Number(members)] : [])),
  );
  return size < smallestUnfit && (sizes[size]?.samples.length ?? 0) < tries;
}
