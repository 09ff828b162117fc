/** Numbers as people read them. */
import { isCount, isShare } from './metrics.js';
import { rounding } from './statistics.js';
import type { Group } from './summarise-group.js';

/** Shares in percent with one decimal ("84.8"), counts with every digit ("22,565,376"); anything else with
 *  four digits. */
export function metricText(value: number, metric: string): string {
  if (isShare(metric)) return (100 * value).toFixed(1);
  if (isCount(metric)) return value.toLocaleString('en');
  if (value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e7)) return value.toExponential(2);
  return Math.abs(value) >= 1000 ? String(Math.round(value)) : String(Number(value.toPrecision(4)));
}

/** The same, with its unit where it has one: "84.8 %". */
export function measuredText(value: number, metric: string): string {
  return isShare(metric) ? `${metricText(value, metric)} %` : metricText(value, metric);
}

/** Marks behind a number, told below the table. */
export const marks = { unlearned: '†', mixed: '‡' };

/** "84.8 ± 1.2"; "(n 2 of 3)" where replicates are missing, "(n 1)" where one value has no interval, "– (0 of
 *  3)" for none. An interval that is cut at what is possible is given by its ends, "70.6 [0.0, 100.0]"; equal
 *  seeds by how many they are, "64.7 (3 equal)". */
export function groupText(group: Group, metric: string): string {
  const planned = group.cells - group.repeated;
  if (!group.estimate) return `– (0 of ${planned}: ${missingText(group)})`;
  const measured = group.values.length;
  const alone = group.estimate.n === 1 ? ' (n 1)' : '';
  const count = measured < planned ? ` (n ${measured} of ${planned})` : alone;
  return estimateText(group, metric) + count + marksOf(group);
}

function estimateText({ estimate, draws, values }: Group, metric: string): string {
  const { n, mean, sd, halfWidth, low, high } = estimate!;
  const text = metricText(mean, metric);
  if (halfWidth === null) return text;
  const equal = isEqual(values.map((v) => v.value));
  if (isCount(metric)) return equal ? text : `${text} (differs by seed)`;
  if (equal || (draws > 1 && sd! < rounding)) return `${text} (${n} equal)`;
  if (low! > mean - halfWidth || high! < mean + halfWidth)
    return `${text} [${metricText(low!, metric)}, ${metricText(high!, metric)}]`;
  return `${text} ± ${metricText(halfWidth, metric)}`;
}

/** Whether seeds agree in every digit: then an interval of width 0 would look like certainty. */
export function isEqual(values: readonly number[]): boolean {
  return values.length > 1 && values.every((v) => v === values[0]);
}

function marksOf({ unlearned, mixed }: Group): string {
  return (unlearned ? ` ${marks.unlearned}` : '') + (mixed.length ? ` ${marks.mixed}` : '');
}

/** "912 B", "14.2 kB", "3.1 MB". */
export function bytesText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${(bytes / 1_000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** "2 running, 1 failed" */
export function missingText({ missing }: Group): string {
  return missing.map((m) => `${m.count} ${m.state === 'succeeded' ? 'unmeasured' : m.state}`).join(', ');
}
