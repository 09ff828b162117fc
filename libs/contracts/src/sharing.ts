/** Which trials may share a step, and in what they may differ within one: the only place that says so. The
 *  planner puts into one job, the trainer trains as one gang, and the cache of compiled steps serves, what is
 *  equal here. */
import type { Method, MethodName } from './method.js';
import type { TuneConfig } from './trial.js';

interface Sharing<M extends Method> {
  /** Knobs that only size a member's parameters: smaller members are padded to the largest, on the axes that
   *  the method's `shapes` names after them. */
  sizes: readonly Knob<M>[];
  /** Knobs that are numbers of a member's own in the step, and shape nothing. */
  factors: readonly Knob<M>[];
  /** Knobs that only say how a member's parameters begin. */
  starts: readonly Knob<M>[];
}

type Knob<M extends Method> = Exclude<keyof M, 'name'>;

/** null: the method changes the backbone's own weights, so that a member's step is nobody else's. */
const methods = {
  'prompt-tuning': { sizes: ['length'], factors: [], starts: ['init'] },
  head: { sizes: [], factors: [], starts: [] },
  full: null,
  lora: { sizes: ['rank'], factors: ['alpha', 'rsLora'], starts: [] },
  dora: { sizes: ['rank'], factors: ['alpha', 'rsLora'], starts: [] },
  qlora: { sizes: ['rank'], factors: ['alpha', 'rsLora'], starts: [] },
  adalora: { sizes: ['rank'], factors: ['targetRank', 'alpha'], starts: [] },
  unipelt: { sizes: ['length', 'bottleneck', 'rank'], factors: ['alpha'], starts: [] },
  'top-layers': null,
  'p-tuning': { sizes: ['length'], factors: [], starts: [] },
  bitfit: { sizes: [], factors: [], starts: [] },
  ia3: { sizes: [], factors: [], starts: [] },
  adapter: { sizes: ['bottleneck'], factors: ['scale'], starts: ['initStd'] },
  'prefix-tuning': { sizes: ['length'], factors: [], starts: ['init', 'words'] },
  'p-tuning-v2': { sizes: ['length'], factors: [], starts: [] },
  mam: { sizes: ['length', 'bottleneck'], factors: ['scale'], starts: ['initStd'] },
  vera: { sizes: [], factors: [], starts: ['dInitial'] }, // projections of another rank are other numbers
} as const satisfies { [M in MethodName]: Sharing<Extract<Method, { name: M }>> | null };

/** The knobs that a method's members are padded by. */
export type SizeKnob<M extends Method = Method> = {
  [N in MethodName]: SizesOf<(typeof methods)[N]>;
}[M['name']];
type SizesOf<S> = S extends { sizes: readonly (infer K)[] } ? K : never;

/** The same, of a method's name. */
export const sizeKnobs = (name: MethodName): readonly string[] => methods[name]?.sizes ?? [];

/** The knobs that only say how a method's parameters begin. */
export const startKnobs = (name: MethodName): readonly string[] => methods[name]?.starts ?? [];

/** Whether the method trains the backbone's own weights, and so always trains alone. */
export function changesBackbone(method: Method): boolean {
  return methods[method.name] === null || (method.name === 'p-tuning' && method.modelRate > 0);
}

/** Whether the method's virtual tokens stand within the text, so that trials of other lengths read other
 *  tokens. */
export function slotsInText(method: Method): boolean {
  return (
    (method.name === 'p-tuning' && method.template !== null) ||
    (method.name === 'prefix-tuning' && method.position === 'infix')
  );
}

/** What a compiled step is made for, of a trial's config: all but the seed, rates, batches, lengths of
 *  training, and what members are padded to. Trials with equal content, backbone and labels are served by one
 *  step. */
export function stepContent({ method, training }: TuneConfig): Record<string, unknown> {
  const { learningRate: _rate, ...optimizer } = training.optimizer;
  const { accumulation, clipNorm, precision, labelSmoothing, dropout } = training;
  const common = { optimizer, accumulation, clipNorm, precision, labelSmoothing, dropout };
  return { method: methodContent(method, optimizer.name), ...common };
}

/** What the members of a gang have in common: everything but the seed, the learning rate, what they start
 *  from, and what their method pads or begins with. null: the trial trains alone. */
export function gangContent(config: TuneConfig): Record<string, unknown> | null {
  if (changesBackbone(config.method)) return null;
  const { seed: _seed, from: _from, method, training, ...rest } = config;
  const { learningRate: _rate, ...optimizer } = training.optimizer;
  return { ...rest, method: methodContent(method, optimizer.name), training: { ...training, optimizer } };
}

/** Knobs in which members of a gang may differ and none of them is padded. */
export function unpaddedKnobs(method: Method, optimizer: string): readonly string[] {
  const { factors, starts } = kindsOf(method);
  return sizesAreFree(method, optimizer) ? [...factors, ...starts] : starts;
}

/** What the time of a step goes by, in a gang whose members are equally large. null: the trial trains
 *  alone. */
export function paceContent(config: TuneConfig): Record<string, unknown> | null {
  if (changesBackbone(config.method)) return null;
  const { backbone, task, method, training } = config;
  const { batch, accumulation, clipNorm, precision, optimizer } = training;
  const own = without(method, unpaddedKnobs(method, optimizer.name));
  return {
    backbone,
    task,
    method: own,
    training: { batch, accumulation, clipNorm, precision, optimizer: optimizer.name },
  };
}

const alone = { sizes: [], factors: [], starts: [] };

function methodContent(method: Method, optimizer: string): Record<string, unknown> {
  const { sizes, factors, starts } = kindsOf(method);
  return without(method, sizesAreFree(method, optimizer) ? [...sizes, ...factors, ...starts] : starts);
}

const kindsOf = (method: Method): Record<'sizes' | 'factors' | 'starts', readonly string[]> =>
  methods[method.name] ?? alone;

const without = (method: Method, knobs: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(Object.entries(method).filter(([knob]) => !knobs.includes(knob)));

/** Adafactor takes means over whole parameters, which padding would change. Tokens within a text cannot be
 *  padded. What is dropped of a prompt goes by its shape. */
function sizesAreFree(method: Method, optimizer: string): boolean {
  if (optimizer === 'adafactor' || slotsInText(method)) return false;
  const drops = method.name === 'p-tuning-v2' || method.name === 'prefix-tuning';
  return !(drops && method.dropout > 0);
}
