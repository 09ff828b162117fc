/** Means over seeds and how sure they are. An interval says how far the mean would move with other seeds, on
 *  the same test examples. */
import tCdf from '@stdlib/stats-base-dists-t-cdf';
import tQuantile from '@stdlib/stats-base-dists-t-quantile';

export interface Estimate {
  n: number;
  mean: number;
  sd: number | null; // sample standard deviation (n - 1); null for n = 1
  halfWidth: number | null; // of the t-interval; null for n = 1: one value says nothing about its spread
  low: number | null; // ends of the interval, within what is possible
  high: number | null;
  level: number; // 0.95: the interval covers the true mean in 95 % of experiments
}

export interface EstimateOptions {
  level?: number;
  // the least and the most that a value can be: the interval is cut there
  possible?: readonly [number, number];
}

/** Mean with its t-interval. Throws where there is no value. */
export function estimate(
  values: readonly number[],
  { level = 0.95, possible }: EstimateOptions = {},
): Estimate {
  const n = values.length;
  const sd = sampleSd(values);
  const m = mean(values);
  const halfWidth = sd === null ? null : (quantile((1 + level) / 2, n - 1) * sd) / Math.sqrt(n);
  const [least, most] = possible ?? [-Infinity, Infinity];
  const ends =
    halfWidth === null
      ? { low: null, high: null }
      : { low: Math.max(least, m - halfWidth), high: Math.min(most, m + halfWidth) };
  return { n, mean: m, sd, halfWidth, ...ends, level };
}

const known = new Map<string, number>(); // a table asks for the same few quantiles thousands of times

function quantile(p: number, df: number): number {
  const key = `${p} ${df}`;
  if (!known.has(key)) known.set(key, tQuantile(p, df));
  return known.get(key)!;
}

/** Throws RangeError where there is no value. */
export function mean(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('no mean of no values');
  const shift = values[0]!; // equal values have exactly their own mean
  return shift + values.reduce((sum, v) => sum + (v - shift), 0) / values.length;
}

/** Sample standard deviation (n - 1 in the denominator); null for fewer than two values. */
export function sampleSd(values: readonly number[]): number | null {
  if (values.length < 2) return null;
  const m = mean(values);
  return Math.sqrt(values.reduce((sum, v) => sum + (v - m) ** 2, 0) / (values.length - 1));
}

/** A replicate. `seed` is null where the grid has no seed axis. */
export interface Replicate {
  seed: number | null;
  draw?: number; // of its training examples; absent where the grid has no axis of draws
  value: number;
}

export interface Difference extends Estimate {
  p: number | null; // two-sided paired t-test; null for n = 1
  unpaired: number; // replicates on either side whose draw and seed the other lacks; they do not enter
}

/** Mean of a - b over the seeds that both have, with its interval; null where no seed is shared. Pairing
 *  takes out what a seed does to both sides alike (data order, initial values), so the interval is not that
 *  of two separate means. Where there are several draws, seeds are paired within each, and the mean is over
 *  the draws' means. */
export function pairedDifference(
  a: readonly Replicate[],
  b: readonly Replicate[],
  level = 0.95,
): Difference | null {
  const nameOf = ({ draw, seed }: Replicate) => `${draw} ${seed}`;
  const other = new Map(b.map((r) => [nameOf(r), r.value]));
  const paired = a.flatMap((r) => {
    const value = other.get(nameOf(r));
    return value === undefined ? [] : [{ ...r, value: r.value - value }];
  });
  if (paired.length === 0) return null;
  const draws = new Set([...a, ...b].map((r) => r.draw)).size;
  const largest = Math.max(...[...a, ...b].map(({ value }) => Math.abs(value)));
  const result = estimate(withoutNoise(unitsOf(paired, draws), rounding * largest), { level });
  return { ...result, p: pairedP(result), unpaired: a.length + b.length - 2 * paired.length };
}

/** Of values near 1: differences and means that are this close are equal ones. */
export const rounding = 1e-12;

/** Differences that are equal but for rounding, as equal ones: a t-test would take the noise for a spread. */
function withoutNoise(differences: readonly number[], noise: number): readonly number[] {
  const m = mean(differences);
  if (differences.some((d) => Math.abs(d - m) > noise)) return differences;
  return differences.map(() => (Math.abs(m) <= noise ? 0 : m));
}

/** What a mean and its interval are over: the values, or where there are several draws each draw's mean over
 *  its seeds. Seeds of one draw share its examples, and are no independent measurements of what other
 *  examples would give. */
export function unitsOf(values: readonly Replicate[], draws: number): number[] {
  if (draws < 2) return values.map((v) => v.value);
  const each = new Map<number | undefined, number[]>();
  for (const { draw, value } of values) each.set(draw, [...(each.get(draw) ?? []), value]);
  return [...each.values()].map(mean);
}

function pairedP({ n, mean, sd }: Estimate): number | null {
  if (sd === null) return null;
  if (sd === 0) return mean === 0 ? 1 : 0;
  return 2 * tCdf(-Math.abs(mean / (sd / Math.sqrt(n))), n - 1);
}
