import * as tf from '@tensorflow/tfjs';
import { product } from '#engine/ops/product.js';
import type { UniPelt } from '#contracts/methods/unipelt.js';
import { HostRandom } from '#engine/host-random.js';
import type { Adaptation } from '#models/adaptation.js';
import type { Model } from '#models/model.js';
import { adapter } from '../activations/adapter.js';
import { chained, composed, part, type Part, under } from './composed.js';
import { lora } from '../low-rank/lora.js';
import { asRows, byMember } from '../members/members.js';
import type { MethodImplementation, Parameters, Pass } from '../method.js';
import { plainPrefix, prefixTuning } from '../prefixes/prefix-tuning.js';

const ungated = composed<UniPelt>(partsOf, (config) => ({ ...config, hidden: null }));
type GateShapes = Record<string, number[]>;

const gateEnd = /^gate\./;

/** UniPELT (Mao et al. 2022 §3): prefix, Pfeiffer adapter and LoRA in one model, each times a gate sigmoid(w
 *  x + b) of what the layer reads, averaged over the text. Parameters: the parts', and in + 1 a gate: one an
 *  adapter, one a LoRA map, one an attention with a prefix. A gate that averages over a text would show a
 *  decoder what follows, so gates are for encoders only. */
export const uniPelt: MethodImplementation<UniPelt> = {
  ...ungated,

  check(config, model) {
    ungated.check(config, model);
    if (config.gates && model.kind !== 'encoder')
      throw new Error(
        'method.gates averages over the whole text, which a decoder must not see; expected false on this model',
      );
  },

  shapes: (config, model, labels) => ({
    ...ungated.shapes(config, model, labels),
    ...gateShapes(config, model),
  }),

  init: (config, model, labels, seed) => ({
    ...ungated.init(config, model, labels, seed),
    ...initGates(gateShapes(config, model), seed),
  }),

  adapt(pass) {
    const parts = partsOf(pass.config).map((p) => gated(pass, p, p.method.adapt(passOf(pass, p))));
    return chained(
      pass.config.gates ? [remembering(parts), ...parts.map((p) => p.hooks)] : parts.map((p) => p.hooks),
    );
  },

  fold(config, model, parameters) {
    const folded = ungated.fold!(config, model, parameters);
    return { ...folded, parameters: { ...folded.parameters, ...gatesOf(parameters) } };
  },
};

function partsOf({ parts, length, hidden, bottleneck, rank, alpha }: UniPelt): Part[] {
  const all = {
    prefix: () => part('prefix', prefixTuning, plainPrefix({ length, hidden })),
    adapter: () =>
      part('adapter', adapter, {
        name: 'adapter',
        kind: 'pfeiffer',
        bottleneck,
        activation: 'relu',
        scale: 1,
        initStd: 1e-2,
        trainNorms: null,
      }),
    lora: () => part('lora', lora, { name: 'lora', targets: null, rank, alpha, rsLora: false, dropout: 0 }),
  };
  return (['prefix', 'adapter', 'lora'] as const)
    .filter((name) => parts.includes(name))
    .map((name) => all[name]());
}

function passOf(pass: Pass<UniPelt>, { name, config }: Part): Pass<Part['config']> {
  return {
    ...pass,
    config,
    parameters: under(pass.parameters, name),
    constants: under(pass.constants, name),
  };
}

interface Gated {
  hooks: Adaptation;
  remember?(name: string, x: tf.Tensor3D): void;
  mask?(mask: tf.Tensor2D): void;
}

/** A part's hooks with what each adds times its gate. */
function gated(
  { config, model, parameters, members }: Pass<UniPelt>,
  { name }: Part,
  plain: Adaptation,
): Gated {
  if (!config.gates) return { hooks: plain };
  let seen: tf.Tensor2D | undefined;
  const read = new Map<number, tf.Tensor3D>(); // what each layer's attention reads
  const gate = (key: string, x: tf.Tensor3D): tf.Tensor =>
    gateOf(parameters, `gate.${name}.${key}`, x, { mask: seen, members });
  const through = (key: string, x: tf.Tensor3D, before: tf.Tensor3D, after: tf.Tensor3D): tf.Tensor3D =>
    after === before ? before : tf.add(before, tf.mul(gate(key, x), tf.sub(after, before)));
  const { linear, sublayer, keyValues, ...rest } = plain;
  return {
    mask: (mask) => void (seen = mask),
    remember(map, x) {
      const query = model.modules.linears.find((m) => m.name === map && m.role === 'query');
      if (query) read.set(query.layer, x);
    },
    hooks: {
      ...rest,
      ...(linear && { linear: (n, x, y) => through(n, x, y, linear(n, x, y)) }),
      ...(sublayer && { sublayer: (n, x, y) => through(n, y, y, sublayer(n, x, y)) }),
      ...(keyValues && {
        keyValues(site, rows) {
          const own = keyValues(site, rows);
          if (!own) return undefined;
          const factor = tf.expandDims(gate(String(site.layer), read.get(site.layer)!), 3); // [N, 1, 1, 1]
          return { ...own, keys: tf.mul(own.keys, factor), values: tf.mul(own.values, factor) };
        },
      }),
    },
  };
}

/** Hooks that change nothing and tell the gates what they need. */
function remembering(parts: readonly Gated[]): Adaptation {
  return {
    embeddings(x) {
      for (const p of parts) p.mask?.(x.mask);
      return x;
    },
    linear(name, x, y) {
      for (const p of parts) p.remember?.(name, x);
      return y;
    },
  };
}

/** sigmoid(w x + b) averaged over the text, [N, 1, 1]. The authors' code averages over padding too. */
function gateOf(
  parameters: Parameters,
  name: string,
  x: tf.Tensor3D,
  { mask, members }: { mask: tf.Tensor2D | undefined; members: number },
): tf.Tensor {
  const each = product<tf.Tensor>(byMember(x, members), parameters[`${name}.weight`]!, false, true);
  // [N, T, 1]
  const open = tf.sigmoid(
    asRows(tf.add(each, tf.expandDims(parameters[`${name}.bias`]!, 1)) as tf.Tensor3D, x),
  );
  const counted = tf.expandDims(mask ?? tf.ones([x.shape[0], x.shape[1]]), 2);
  return tf.div(tf.sum(tf.mul(open, counted), 1, true), tf.sum(counted, 1, true));
}

function gateShapes(config: UniPelt, model: Model): GateShapes {
  if (!config.gates) return {};
  const shapes: GateShapes = {};
  const add = (name: string, inputs: number) => {
    shapes[`gate.${name}.weight`] = [1, inputs];
    shapes[`gate.${name}.bias`] = [1];
  };
  const { linears, sublayers, attentions } = model.modules;
  if (config.parts.includes('prefix')) for (const a of attentions) add(`prefix.${a.layer}`, model.dModel);
  if (config.parts.includes('adapter'))
    for (const s of sublayers) if (s.kind === 'feed-forward') add(`adapter.${s.name}`, model.dModel);
  if (config.parts.includes('lora'))
    for (const m of linears) if (m.role === 'query' || m.role === 'value') add(`lora.${m.name}`, m.inputs);
  return shapes;
}

/** PyTorch's linear map: U[-1/sqrt(in), 1/sqrt(in)]. */
function initGates(shapes: GateShapes, seed: number): Parameters {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      const random = new HostRandom(seed, name);
      const inputs = shapes[name.replace(/\.bias$/, '.weight')]![1]!;
      const draw = () => inputs ** -0.5 * (2 * random.uniform() - 1);
      return [name, tf.tensor(Float32Array.from({ length: shape.at(-1)! }, draw), shape)];
    }),
  );
}

const gatesOf = (parameters: Parameters): Parameters =>
  Object.fromEntries(Object.entries(parameters).filter(([name]) => gateEnd.test(name)));
