import { type MethodRow, shapeText } from './method-shapes.js';
import type { Ours } from './methods-row.js';
import { median, megabytes, round } from './numbers.js';

/** A gang of one size: what a step costs each of its members. */
export interface GangRow {
  family: string;
  method: string;
  shape: string;
  members: number;
  ms_per_member: number;
  min_ms_per_member: number;
  speedup: number; // of the medians, against members that train alone
  peak_mb: number;
  remark: string; // of the last size: from which on a gang pays
}

const worthwhile = 1.03; // less is noise

/** One row a size, in the order of `sizes`, of which the first is 1. */
export function gangResults(row: MethodRow, sizes: readonly number[], measured: readonly Ours[]): GangRow[] {
  const each = measured.map(({ ms }, i) => median(ms) / sizes[i]!);
  const speedups = each.map((ms) => each[0]! / ms);
  return sizes.map((members, i) => ({
    family: row.family,
    method: row.method,
    shape: shapeText(row.shape),
    members,
    ms_per_member: round(each[i]!, 1),
    min_ms_per_member: round(Math.min(...measured[i]!.ms) / members, 1),
    speedup: round(speedups[i]!, 2),
    peak_mb: megabytes(measured[i]!.peakBytes),
    remark: i === sizes.length - 1 ? whereItPays(sizes, speedups) : '',
  }));
}

/** The smallest size from which on every measured one beats members that train alone. */
export function whereItPays(sizes: readonly number[], speedups: readonly number[]): string {
  const last = speedups.findLastIndex((s) => s < worthwhile);
  const from = sizes[last + 1];
  if (from === undefined) return 'no gang pays, as far as was measured';
  const best = Math.max(...speedups);
  return `pays from ${from} members on; best ${best.toFixed(2)}x, at ${sizes[speedups.indexOf(best)]}`;
}

export function gangTable(rows: readonly GangRow[]): string {
  const lines = [
    '| step | members | ms a member, median (min) | against alone | memory, MiB | where it pays |',
    '|---|---|---|---|---|---|',
  ];
  for (const r of rows) {
    const times = `${r.ms_per_member} (${r.min_ms_per_member})`;
    lines.push(
      `| ${r.family} ${r.method} | ${r.members} | ${times} | ${r.speedup}x | ${r.peak_mb} | ${r.remark} |`,
    );
  }
  return lines.join('\n');
}
