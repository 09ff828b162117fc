import type { ScalingData } from './scaling-data.js';

/** Over every mean and seed, and over intervals and baselines as far as they do not squeeze those; never
 *  beyond what is possible. References that would squeeze it are named at the frame's edge. */
export function yDomain({ points, seeds, rules, curves, possible }: ScalingData): [number, number] {
  const trained = [...points.map((p) => p.mean), ...seeds.map((s) => s.value)];
  const ends: [number, number] = [Math.min(...trained), Math.max(...trained)];
  const span = Math.max(ends[1] - ends[0], possible ? 10 : Math.abs(ends[1]) / 10 || 1);
  const [least, most] = [ends[0] - span / 2, ends[1] + span / 2];
  const reach = (low: number, high: number) => {
    ends[0] = Math.min(ends[0], Math.max(least, low));
    ends[1] = Math.max(ends[1], Math.min(most, high));
  };
  for (const { low, high } of points) if (low !== null && high !== null) reach(low, high);
  for (const { low, high, at } of rules) if (at >= least && at <= most) reach(low, high);
  for (const { value } of curves.flatMap((c) => c.points))
    if (value >= least && value <= most) reach(value, value);
  const margin = (ends[1] - ends[0] || span) * 0.06;
  const [floor, ceiling] = possible ?? [-Infinity, Infinity];
  return [Math.max(floor, ends[0] - margin), Math.min(ceiling, ends[1] + margin)];
}
