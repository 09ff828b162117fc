/** Values of one axis as texts that say what tells them apart. */
import { type AxisValue, canonical, valueText } from './axis-values.js';

const fileKnobs = ['path', 'testPath', 'validationPath', 'folder'];

/** How each value of an axis is written beside the others. Of objects of one name, knobs that all have alike
 *  are left out, and files stand by their own names. What would then be even is written whole. */
export function toldApart(values: readonly AxisValue[]): (value: AxisValue) => string {
  const distinct = [...new Map(values.map((value) => [canonical(value), value])).values()];
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
