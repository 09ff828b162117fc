/** Reading and setting values by a knob's dotted path ("training.optimizer.learningRate"). */
export type Raw = Record<string, unknown>;

export const isObject = (value: unknown): value is Raw =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function getKnob(config: unknown, knob: string): unknown {
  return getPath(config, knob.split('.'));
}

export function getPath(config: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (isObject(value) && Object.hasOwn(value, key) ? value[String(key)] : undefined),
    config,
  );
}

/** A copy of `config` with the knob set; objects on the way are made. */
export function withKnob(config: Raw, knob: string, value: unknown): Raw {
  const [key, ...rest] = knob.split('.') as [string, ...string[]];
  if (key === '__proto__') throw new Error('__proto__ is no knob');
  if (rest.length === 0) return { ...config, [key]: value };
  const inner = isObject(config[key]) ? config[key] : {};
  return { ...config, [key]: withKnob(inner, rest.join('.'), value) };
}

/** A copy of `config` with all these knobs set, outer ones before inner ones. */
export function withKnobs(config: Raw, changes: Raw): Raw {
  return outerFirst(Object.keys(changes)).reduce((c, knob) => withKnob(c, knob, changes[knob]), config);
}

/** Whether `outer` names an object that `inner` is a knob of: "method" and "method.rank". */
export const isWithin = (inner: string, outer: string): boolean => inner.startsWith(`${outer}.`);

/** Knobs in the order in which they are set: an object before its own knobs, else as they came. */
export function outerFirst(knobs: readonly string[]): string[] {
  const depths = new Map(knobs.map((knob) => [knob, knob.split('.').length]));
  return knobs.toSorted((a, b) => depths.get(a)! - depths.get(b)!);
}

/** What setting `inner` would take from the value of `outer`: the value that is there, or the whole where it
 *  is no object. Undefined: nothing. */
export function takenBy(inner: string, outer: string, value: unknown): unknown {
  if (inner === outer) return value;
  if (!isObject(value)) return value;
  const [key, ...rest] = inner.slice(outer.length + 1).split('.') as [string, ...string[]];
  const next = Object.hasOwn(value, key) ? value[key] : undefined;
  return rest.length === 0 || next === undefined ? next : takenBy([key, ...rest].join('.'), key, next);
}

/** Whether two JSON values are equal, whatever the order of their keys. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((v, i) => sameValue(v, b[i]));
  if (!isObject(a) || !isObject(b)) return a === b;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && sameValue(a[key], b[key]))
  );
}

/** A value as a message shows it, at most 80 characters. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
