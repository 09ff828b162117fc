import type { Method } from '#contracts/method.js';
import type { SizeKnob } from '#contracts/sharing.js';
import type { Adaptation } from '#models/adaptation.js';
import type { PaddedSizes, Shapes } from '../members/shapes.js';
import type { LabelSpace, MethodImplementation, Parameters, Pass } from '../method.js';

/** One method of several that are trained together. */
export interface Part {
  name: string; // heads its parameters' names
  config: Method;
  method: MethodImplementation<Method>;
}

/** The type is forgotten here, once: a part's config is always its own method's. */
export function part<M extends Method>(name: string, method: MethodImplementation<M>, config: M): Part {
  return { name, config, method: method as unknown as MethodImplementation<Method> };
}

/** Methods side by side on one model, each with its own parameters. `partsOf` gives the same parts in the
 *  same order for every config, `foldedConfig` the config under which the parts are as they were folded.
 *  Parts leave the backbone frozen. */
export function composed<M extends Method>(
  partsOf: (config: M) => Part[],
  foldedConfig: (config: M) => M,
): MethodImplementation<M> {
  const passOf = (pass: Pass<M>, { name, config }: Part): Pass<Method> => {
    return {
      ...pass,
      config,
      parameters: under(pass.parameters, name),
      constants: under(pass.constants, name),
    };
  };
  return {
    check(config, model) {
      for (const { method, config: own } of partsOf(config)) method.check(own, model);
    },

    shapes: (config, model, labels) =>
      joined(partsOf(config).map((p) => headed(p.method.shapes(p.config, model, labels), p.name))) as Shapes<
        SizeKnob<M>
      >,

    init: (config, model, labels: LabelSpace, seed) =>
      joined(partsOf(config).map((p) => headed(p.method.init(p.config, model, labels, seed), p.name))),

    fixed: (config, model) =>
      joined(partsOf(config).map((p) => headed(p.method.fixed?.(p.config, model) ?? {}, p.name))),

    // A part's size knobs are the whole's, by name.
    constants: (configs, sizes) =>
      joined(
        partsOf(configs[0]!).map(({ name, method }, i) => {
          const own = configs.map((config) => partsOf(config)[i]!.config);
          return headed(method.constants?.(own, sizes as PaddedSizes) ?? {}, name);
        }),
      ),

    adapt: (pass) => chained(partsOf(pass.config).map((p) => p.method.adapt(passOf(pass, p)))),

    weights: (frozen) => frozen,

    fold(config, model, parameters) {
      const folded = partsOf(config).map((p) => {
        const own = under(parameters, p.name);
        return headed(p.method.fold?.(p.config, model, own).parameters ?? own, p.name);
      });
      return { config: foldedConfig(config), parameters: joined(folded) };
    },
  };
}

/** Every adaptation's hooks one after the other, each on what the one before made; keys and values, and
 *  heads, come from the first that has them. */
export function chained(adaptations: readonly Adaptation[]): Adaptation {
  const having = <K extends keyof Adaptation>(hook: K) => adaptations.filter((a) => a[hook] !== undefined);
  const [embeddings, positions, input, linear] = [
    having('embeddings'),
    having('positions'),
    having('input'),
    having('linear'),
  ];
  const [norm, sublayer, keyValues, head] = [
    having('norm'),
    having('sublayer'),
    having('keyValues'),
    having('head'),
  ];
  const memory = having('memory');
  return {
    ...(embeddings.length && {
      embeddings: (x, stack, ids) => embeddings.reduce((h, a) => a.embeddings!(h, stack, ids), x),
    }),
    ...(positions.length && {
      positions: (ids, rows, stack) => positions.reduce((p, a) => a.positions!(p, rows, stack), ids),
    }),
    ...(memory.length && { memory: (site, own) => memory.reduce((m, a) => a.memory!(site, m), own) }),
    ...(input.length && { input: (name, x) => input.reduce((h, a) => a.input!(name, h), x) }),
    ...(linear.length && { linear: (name, x, y) => linear.reduce((h, a) => a.linear!(name, x, h), y) }),
    ...(norm.length && { norm: (name, y) => norm.reduce((h, a) => a.norm!(name, h), y) }),
    ...(sublayer.length && {
      sublayer: (name, x, y) => sublayer.reduce((h, a) => a.sublayer!(name, x, h), y),
    }),
    ...(keyValues.length && { keyValues: (site, rows) => keyValues[0]!.keyValues!(site, rows) }),
    ...(head.length && { head: (pooled) => head[0]!.head!(pooled) }),
  };
}

const headed = <T>(tensors: Readonly<Record<string, T>>, name: string): Record<string, T> =>
  Object.fromEntries(Object.entries(tensors).map(([key, t]) => [`${name}.${key}`, t]));

export const under = (parameters: Parameters, name: string): Parameters =>
  Object.fromEntries(
    Object.entries(parameters)
      .filter(([key]) => key.startsWith(`${name}.`))
      .map(([key, t]) => [key.slice(name.length + 1), t]),
  );

const joined = <T>(parts: Record<string, T>[]): Record<string, T> =>
  Object.assign({}, ...parts) as Record<string, T>;
