/** Numbers as people read them. */
import { isShare } from './metrics.js';
import type { Group } from './summarise-group.js';

/** Shares in percent with one decimal ("84.8"); anything else with four digits. */
export function metricText(value: number, metric: string): string {
  if (isShare(metric)) return (100 * value).toFixed(1);
  if (value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e7)) return value.toExponential(2);
  return Math.abs(value) >= 1000 ? String(Math.round(value)) : String(Number(value.toPrecision(4)));
}

/** "84.8 ± 1.2"; with "(n 2 of 3)" where replicates are missing, "(n 1)" where one value has no interval, "– (0 of 3)" for none. */
export function groupText(group: Group, metric: string): string {
  const planned = group.cells - group.repeated;
  if (!group.estimate) return `– (0 of ${planned}: ${missingText(group)})`;
  const { n, mean, halfWidth } = group.estimate;
  const width = halfWidth === null ? '' : ` ± ${metricText(halfWidth, metric)}`;
  const count = n < planned ? ` (n ${n} of ${planned})` : n === 1 ? ' (n 1)' : '';
  return metricText(mean, metric) + width + count;
}

/** "2 running, 1 failed" */
export function missingText({ missing }: Group): string {
  return missing.map((m) => `${m.count} ${m.state === 'succeeded' ? 'unmeasured' : m.state}`).join(', ');
}
