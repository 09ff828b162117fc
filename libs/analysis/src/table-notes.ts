/** The sentences under a table: how to read it, what it was held against, and every cell that is in no mean.
 */
import { valueText } from './axis-values.js';
import type { Beside } from './learned.js';
import { isCount, isShare } from './metrics.js';
import { isEqual, marks, metricText } from './number-text.js';
import type { Table } from './pivot.js';
import { mixedText } from './provenance.js';
import { visibleLine } from './visible-text.js';
import { type Group, isEnded } from './summarise-group.js';

const mostReasons = 20; // lines; the rest is counted

export function tableNotes(table: Table): string[] {
  return [
    ...table.remarks,
    ...captions(table),
    ...referenceNotes(table),
    ...unlearnedNotes(table),
    ...mixedNotes(table),
    ...missingNotes(table),
  ].map(visibleLine); // reasons, devices and labels come from outside
}

/** Groups with the name of their row and column, baselines included. */
export function namedGroups(table: Table): { name: string; group: Group }[] {
  const body = table.body.flatMap(({ values, groups }) =>
    groups.flatMap((group, i) => {
      const named = [...pairs(table.rows, values), ...pairs(table.cols, table.columns[i]!)];
      return group ? [{ name: named.join(', ') || 'the only point', group }] : [];
    }),
  );
  return [...body, ...table.baselines.map(({ label, group }) => ({ name: `baseline ${label}`, group }))];
}

function pairs(axes: string[], values: Table['columns'][number]): string[] {
  return axes.map((axis, i) => `${axis} ${valueText(values[i])}`);
}

function captions({ metric, added, body, baselines }: Table): string[] {
  const groups = [
    ...body.flatMap((r) => r.groups.filter((g) => g !== null)),
    ...baselines.map((b) => b.group),
  ];
  const counts = [...new Set(groups.flatMap((g) => (g.estimate ? [g.estimate.n] : [])))].toSorted(
    (a, b) => a - b,
  );
  const unit = isShare(metric) ? `${metric} in percent` : metric;
  const spread = groups.filter((g) => g.values.length > 1 && !isCount(metric));
  const equal = spread.some((g) => isEqual(g.values.map((v) => v.value)));
  const cut = spread.some(
    ({ estimate: e }) => e && (e.low! > e.mean - e.halfWidth! || e.high! < e.mean + e.halfWidth!),
  );
  const drawn = groups.some((g) => g.draws > 1);
  const over = drawn ? "draws, of each draw's mean over its seeds" : 'seeds';
  const width = spread.length ? `: mean ± half-width of its 95 % t-interval over ${over}` : '';
  const n = counts.length ? `, n = ${counts.join(' or ')}` : '';
  const alone = counts[0] === 1 && !isCount(metric) ? `; one ${drawn ? 'draw' : 'seed'} has no interval` : '';
  const repeated = groups.reduce((sum, g) => sum + g.repeated, 0);
  const sizes = [...new Set(groups.flatMap((g) => g.measuredOn))].toSorted();
  return [
    `${unit}${width}${n}${alone}.`,
    ...(sizes.length ? [`n ${sizes.join(' or n ')} examples${sizes.length > 1 ? ', by cell' : ''}.`] : []),
    ...(cut
      ? [
          `[low, high]: an interval that is cut at ${isShare(metric) ? '0 and 100, beyond which no share can be' : '-1 and 1, beyond which no correlation can be'}.`,
        ]
      : []),
    ...(equal
      ? ['equal: these seeds gave one and the same number, which does not tell how sure it is.']
      : []),
    ...added.map(
      (axis) =>
        `${axis} varies and was placed nowhere: it is a row, since means are over draws and seeds only.`,
    ),
    ...(repeated
      ? [`${repeated} cells share the trial of another in their place, and are no further replicates.`]
      : []),
  ];
}

function referenceNotes({ references, metric }: Table): string[] {
  return references.map(({ name, min, max }) => {
    const text = metricText(min, metric);
    return min === max ? `${name}: ${text}` : `${name}: ${text} to ${metricText(max, metric)}, by cell`;
  });
}

function unlearnedNotes(table: Table): string[] {
  const lines = namedGroups(table).flatMap(({ name, group: { unlearned, values } }) => {
    if (!unlearned) return [];
    const beside = unlearned.beside.map((one) => besideText(one, table.metric)).join(', ');
    return [`${marks.unlearned} ${name}: ${unlearned.seeds.length} of ${values.length} (${beside})`];
  });
  if (lines.length === 0) return [];
  const head = `${marks.unlearned} learned nothing: no better on the test examples than a constant answer, or than the untouched backbone.`;
  return [
    head,
    ...lines.slice(0, mostReasons),
    ...(lines.length > mostReasons ? [`${marks.unlearned} ${lines.length - mostReasons} more.`] : []),
  ];
}

/** "zero-shot 58.0", with the metric where the table shows another. */
const besideText = ([name, score, metric]: Beside, shown: string): string =>
  `${name} ${metricText(score, metric)}${scaledAlike(metric, shown) ? '' : ` in ${metric}`}`;

const scaledAlike = (a: string, b: string): boolean => a === b || a === `test.${b}` || b === `test.${a}`;

/** Of the groups what they mix, and of the whole table where its groups differ. */
function mixedNotes(table: Table): string[] {
  const own = namedGroups(table).filter(({ group }) => group.mixed.length);
  const shown = own
    .slice(0, mostReasons)
    .map(({ name, group }) => `${marks.mixed} ${name}: ${group.mixed.map(mixedText).join('; ')}`);
  const more = own.length > mostReasons ? [`${marks.mixed} ${own.length - mostReasons} more.`] : [];
  const data = table.mixed
    .filter((m) => m.what === 'data')
    .map(
      (m) =>
        `ATTENTION: one task was read from different data; its numbers can not be compared. ${mixedText(m)}`,
    );
  const others = table.mixed.filter((m) => m.what !== 'data');
  return [
    ...data,
    ...(own.length
      ? [`${marks.mixed} a mean over trials that were not computed alike:`, ...shown, ...more]
      : []),
    ...(others.length ? [`the table mixes ${others.map(mixedText).join('; ')}.`] : []),
  ];
}

/** Groups are told apart by state and reason, worst first. */
function missingNotes(table: Table): string[] {
  const lines = namedGroups(table).flatMap(({ name, group }) =>
    group.missing.flatMap(({ state, reasons }) =>
      reasons.map(({ why, seeds }) => ({
        state,
        text: `${name}${seedText(seeds)}: ${why}`,
        count: seeds.length,
      })),
    ),
  );
  const shown = lines.slice(0, mostReasons).map((l) => `not in a mean: ${l.state}: ${l.text}`);
  const hidden = lines.slice(mostReasons).reduce((sum, l) => sum + l.count, 0);
  const open = namedGroups(table)
    .flatMap(({ group }) => group.missing)
    .reduce((sum, { state, count }) => sum + (isEnded(state) ? 0 : count), 0);
  return [
    ...shown,
    ...(hidden ? [`not in a mean: ${hidden} more cells that failed, were cancelled or pruned.`] : []),
    ...(open ? [`not in a mean yet: ${open} of ${table.cells} cells are still to finish.`] : []),
  ];
}

function seedText(seeds: (number | null)[]): string {
  const known = seeds.filter((s) => s !== null);
  return known.length ? `, seed ${known.join(', ')}` : '';
}
