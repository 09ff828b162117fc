/** Values of axes: how they are compared, ordered and written. */
import { isReplicate, type Point } from '#contracts/grid.js';
import { visibleLine } from './visible-text.js';

export type AxisValue = Point[string] | undefined; // undefined: the cell's grid lacks the axis

/** Equal for equal values, whatever the order of keys. */
export function canonical(value: AxisValue): string {
  if (value === undefined) return '';
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return String(value);
  if (typeof value === 'string') return JSON.stringify(value);
  const known = texts.get(value);
  if (known !== undefined) return known;
  const text = JSON.stringify(value, (_key, v: unknown) =>
    v && typeof v === 'object' && !Array.isArray(v)
      ? Object.fromEntries(Object.entries(v).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : v,
  );
  texts.set(value, text);
  return text;
}

// a table of many cells asks for the same few values; none is ever changed
const texts = new WeakMap<object, string>();

/** Short text of a value, on one line and with nothing that steers a terminal: an object with a name is its
 *  name with what else it sets, and what a trial starts from is where its examples come from. */
export function valueText(value: AxisValue): string {
  if (value === undefined) return '–';
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'string') return visibleLine(value);
  if (value === null || typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return value.map((v) => valueText(v)).join(' ');
  const { name, ...rest } = value as Record<string, AxisValue>;
  if (objectOf(rest['task'])) return sourceText(rest);
  const others = Object.entries(rest).map(([key, v]) => `${key} ${valueText(v)}`.trim());
  if (name === undefined) return others.join(', ');
  return others.length ? `${valueText(name)} (${others.join(', ')})` : valueText(name);
}

function objectOf(value: AxisValue): Record<string, AxisValue> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
}

function sourceText({ task, ...rest }: Record<string, AxisValue>): string {
  const others = Object.entries(rest).map(([key, v]) =>
    key === 'training' ? valueText(v) : `${key} ${valueText(v)}`,
  );
  return [taskText(objectOf(task)!), ...others].join(', ');
}

/** The tasks of a mixture by their names, a file by its own, with how many examples are taken of it. */
export function taskText({ name, tasks, dataset, path, train }: Record<string, AxisValue>): string {
  const mixed = objectOf(tasks);
  if (mixed) return Object.keys(mixed).join(' + ');
  const file =
    name === 'file' || name === 'tagging' ? visibleLine(String(path).split('/').at(-1)!) : undefined;
  const what = file ?? (dataset === undefined ? valueText(name) : valueText(dataset));
  return train === undefined || train === null ? what : `${what}, train ${valueText(train)}`;
}

function numberText(value: number): string {
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-3 || size >= 1e7)
    ? value.toExponential().replace('e+', 'e')
    : String(value);
}

/** What a baseline changes, without its draw and seed: "head"; "full, learningRate 1e-4". */
export function baselineLabel(point: Point): string {
  const parts = Object.entries(point).flatMap(([axis, value]) => {
    if (isReplicate(axis)) return [];
    const own = value !== null && typeof value === 'object' && 'name' in value;
    return [own ? valueText(value) : `${axis.split('.').at(-1)} ${valueText(value)}`];
  });
  return parts.join(', ') || 'as the grid';
}

/** Numbers ascend; everything else stays in order of first appearance, behind them. */
export function inOrder<T>(entries: readonly T[], valuesOf: (entry: T) => readonly AxisValue[]): T[] {
  const ranks: Map<string, number>[] = [];
  for (const entry of entries) {
    valuesOf(entry).forEach((value, i) => {
      const seen = (ranks[i] ??= new Map<string, number>());
      const key = canonical(value);
      if (!seen.has(key)) seen.set(key, seen.size);
    });
  }
  const compare = (a: AxisValue, b: AxisValue, i: number) => {
    if (typeof a === 'number' && typeof b === 'number') return a - b;
    if (typeof a === 'number' || typeof b === 'number') return typeof a === 'number' ? -1 : 1;
    return ranks[i]!.get(canonical(a))! - ranks[i]!.get(canonical(b))!;
  };
  return entries.toSorted((a, b) => {
    const [left, right] = [valuesOf(a), valuesOf(b)];
    for (let i = 0; i < left.length; i++) {
      const order = compare(left[i], right[i], i);
      if (order !== 0) return order;
    }
    return 0;
  });
}
