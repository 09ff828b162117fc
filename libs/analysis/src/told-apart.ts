/** Values of one axis as texts that say what tells them apart. */
import { type AxisValue, canonical, valueText } from './axis-values.js';
import { grouped } from './grouped.js';
import type { Table } from './pivot.js';

const fileKnobs = ['path', 'testPath', 'validationPath', 'folder'];

/** How each value of an axis is written beside the others: differently, wherever they differ. Of objects of
 *  one name, knobs that all have alike are left out, and files stand by their own names. What would then be
 *  even is written whole, and what still is says in which knob it differs. */
export function toldApart(values: readonly AxisValue[]): Write {
  const distinct = [...new Map(values.map((value) => [canonical(value), value])).values()];
  const short = shortly(distinct);
  const alike = grouped(distinct, short);
  return (value) => {
    const others = alike.get(short(value)) ?? [];
    return others.length < 2 ? short(value) : `${short(value)} (${differenceOf(value, others)})`;
  };
}

type Write = (value: AxisValue) => string;

/** How the values of each row axis and each column axis of a table are written. */
export function axisTexts({ rows, cols, columns, body }: Table): { down: Write[]; across: Write[] } {
  return {
    down: rows.map((_, i) => toldApart(body.map(({ values }) => values[i]))),
    across: cols.map((_, i) => toldApart(columns.map((values) => values[i]))),
  };
}

/** The knobs of a value, however deep, that its others do not all have alike. */
function differenceOf(value: AxisValue, others: readonly AxisValue[]): string {
  const leaves = others.map((other) => new Map(leavesOf(other)));
  const differing = [...new Set(leaves.flatMap((own) => [...own.keys()]))].filter(
    (path) => new Set(leaves.map((own) => canonical(own.get(path)))).size > 1,
  );
  const own = new Map(leavesOf(value));
  return differing.map((path) => `${path} ${exactText(own.get(path))}`.trim()).join(', ');
}

const exactText = (value: AxisValue): string =>
  value === undefined || typeof value === 'number' ? valueText(value) : JSON.stringify(value);

function leavesOf(value: AxisValue, path = ''): [string, AxisValue][] {
  const object = objectOf(value);
  if (!object) return [[path, value]];
  return Object.entries(object).flatMap(([key, v]) => leavesOf(v, path ? `${path}.${key}` : key));
}

function shortly(distinct: readonly AxisValue[]): Write {
  const objects = distinct.map(objectOf).filter((object) => object !== undefined);
  if (objects.length < 2) return valueText;
  const names = new Set(objects.map(({ name }) => canonical(name)));
  const keys = [...new Set(objects.flatMap((object) => Object.keys(object)))];
  const differing = keys.filter((key) => new Set(objects.map((object) => canonical(object[key]))).size > 1);
  const shown = names.size > 1 ? keys : ['name', ...differing];
  const texts = distinct.map((value) => [canonical(value), shortText(value, shown)] as const);
  if (new Set(texts.map(([, text]) => text)).size < distinct.length) return valueText;
  const known = new Map(texts);
  return (value) => known.get(canonical(value)) ?? valueText(value);
}

function shortText(value: AxisValue, shown: readonly string[]): string {
  const object = objectOf(value);
  if (!object) return valueText(value);
  const own = Object.entries(object).filter(([key]) => shown.includes(key));
  return valueText(
    Object.fromEntries(own.map(([key, v]) => [key, fileKnobs.includes(key) ? ownName(v) : v])),
  );
}

const ownName = (value: Value): Value => (typeof value === 'string' ? value.split('/').at(-1)! : value);

type Value = Exclude<AxisValue, undefined>;

function objectOf(value: AxisValue): Record<string, Value> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, Value>)
    : undefined;
}
