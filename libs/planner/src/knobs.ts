/** Reading and setting a value by a knob's dotted path ("training.optimizer.learningRate"). */
export type Raw = Record<string, unknown>;

const isObject = (value: unknown): value is Raw => typeof value === 'object' && value !== null && !Array.isArray(value);

export function getKnob(config: unknown, knob: string): unknown {
  return knob
    .split('.')
    .reduce<unknown>((value, key) => (isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined), config);
}

/** A copy of `config` with the knob set; objects on the way are made. */
export function withKnob(config: Raw, knob: string, value: unknown): Raw {
  const [key, ...rest] = knob.split('.') as [string, ...string[]];
  if (key === '__proto__') throw new Error('__proto__ is no knob');
  if (rest.length === 0) return { ...config, [key]: value };
  const inner = isObject(config[key]) ? config[key] : {};
  return { ...config, [key]: withKnob(inner, rest.join('.'), value) };
}

/** Whether the knobs of `point` have its values in `config`. */
export function matches(config: unknown, point: Raw): boolean {
  return Object.entries(point).every(([knob, value]) => JSON.stringify(getKnob(config, knob)) === JSON.stringify(value));
}
