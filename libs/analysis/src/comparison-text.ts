/** Comparisons as text for a terminal, Markdown or JSON. */
import type { AxisValue } from './axis-values.js';
import type { Compared, Comparison } from './comparison.js';
import { aligned, piped } from './lines.js';
import { isShare } from './metrics.js';
import { groupText, metricText } from './number-text.js';
import { type Difference, type Estimate, rounding } from './statistics.js';
import { toldApart } from './told-apart.js';
import { visibleLine } from './visible-text.js';

const formats = { text, markdown } satisfies Record<string, (comparison: Comparison) => string>;
export type ComparisonFormat = keyof typeof formats | 'json';

/** The comparisons of several grids, each under its grid's name; of one alone without it. As JSON an object,
 *  or an array of one for each grid. */
export function formatComparisons(
  named: readonly { grid: string; comparison: Comparison }[],
  format: ComparisonFormat,
): string {
  if (format === 'json') {
    const values = named.map(({ grid, comparison }) => ({ grid, ...comparison, notes: notesOf(comparison) }));
    return JSON.stringify(values.length === 1 ? values[0] : values, undefined, 2);
  }
  const texts = named.map(({ comparison }) => formats[format](comparison));
  if (texts.length === 1) return texts[0]!;
  const head = format === 'markdown' ? '### ' : '';
  return texts.map((own, i) => `${head}${visibleLine(named[i]!.grid)}\n\n${own}\n`).join('\n');
}

/** Each value of the axis beside the one that it is held against, under its own header. */
function text(comparison: Comparison): string {
  const { rows, others } = comparison;
  const blocks = others.map((other) => {
    const last: [string, string][] = [[meanLabel(other), meanText(comparison, other)]];
    return aligned(linesOf(comparison, other), rows.length || 1, last).join('\n');
  });
  return [...blocks, notesOf(comparison).join('\n')].join('\n\n');
}

function markdown(comparison: Comparison): string {
  const left = comparison.rows.length || 1;
  const blocks = comparison.others.map((other) => {
    const lines = linesOf(comparison, other);
    const last = [meanLabel(other), ...lines[0]!.slice(3).map(() => ''), meanText(comparison, other), ''];
    return piped([...lines, last], left).join('\n');
  });
  const notes = notesOf(comparison).map((note) => `- ${note}`);
  return [...blocks, notes.join('\n')].join('\n\n');
}

/** Header and rows: where a row stands, both means, their difference and its p. */
function linesOf(comparison: Comparison, { value, body }: Compared): string[][] {
  const { metric, rows, against } = comparison;
  const write = writerOf(comparison);
  const down = rows.map((_, i) => toldApart(body.map(({ values }) => values[i])));
  const head = [...(rows.length ? rows : ['']), write(against), write(value), 'difference', 'p'];
  const lines = body.map(({ values, group, beside, difference }) => [
    ...(rows.length ? values.map((v, i) => down[i]!(v)) : [metric]),
    beside ? groupText(beside, metric) : '',
    group ? groupText(group, metric) : '',
    difference ? differenceText(difference, metric) : '– (no seed in both)',
    difference?.p == null || difference.sd === 0 ? '' : difference.p.toPrecision(2), // of equal ones: none
  ]);
  return [head, ...lines].map((line) => line.map(visibleLine));
}

/** "-0.3 ± 0.5", in points where the metric is a share; "(2 equal)" for pairs that all differ alike, "(n 2)"
 *  where a draw and seed of one side is not in the other. */
function differenceText({ unpaired, ...difference }: Difference, metric: string): string {
  return signed(difference, metric) + (unpaired ? ` (n ${difference.n})` : '');
}

function signed({ n, mean, sd, halfWidth }: Estimate, metric: string): string {
  const text = `${mean > 0 ? '+' : ''}${metricText(mean, metric)}`;
  if (halfWidth === null) return `${text} (n 1)`;
  return sd! < rounding ? `${text} (${n} equal)` : `${text} ± ${metricText(halfWidth, metric)}`;
}

/** How the axis's values are written, each differently. */
const writerOf = ({ against, others }: Comparison): ((value: AxisValue) => string) =>
  toldApart([against, ...others.map(({ value }) => value)]);

const withDifference = ({ body }: Compared): number => body.filter(({ difference }) => difference).length;

const meanLabel = (other: Compared): string => `mean of ${withDifference(other)} differences`;

const meanText = ({ metric }: Comparison, { mean }: Compared): string => (mean ? signed(mean, metric) : '–');

function notesOf(comparison: Comparison): string[] {
  const { metric, axis, against, others } = comparison;
  const unit = isShare(metric) ? ' in points of a percent' : '';
  const unpaired = others.flatMap(({ body }) => body.map(({ difference }) => difference?.unpaired ?? 0));
  const lost = unpaired.reduce((sum, n) => sum + n, 0);
  return [
    `${metric}: differences to ${axis} ${writerOf(comparison)(against)}${unit}, of pairs of the same draw and seed.`,
    '± is the half-width of a 95 % t-interval over pairs, p of a two-sided paired t-test.',
    'The mean takes each row as one value; its interval is over rows.',
    ...(lost ? [`Replicates without a partner, in no difference: ${lost}.`] : []),
  ].map(visibleLine);
}
