import * as tf from '@tensorflow/tfjs';
import { remade } from '#engine/memory/remade.js';
import type { QLora } from '#contracts/methods/qlora.js';
import type { Weights } from '#models/batch.js';
import type { Model } from '#models/model.js';
import { lora } from './lora.js';
import type { MethodImplementation, Parameters } from '../method.js';
import { codebooks, dequantised, quantised } from './nf4.js';

/** QLoRA (Dettmers et al. 2023): LoRA on every linear map, over frozen maps that are kept as 4-bit
 *  NormalFloats and made float again inside the step, where they are used. Embeddings, biases and norms stay
 *  float32. Parameters: LoRA's. So are the files, which are meant for any form of the backbone; merging is
 *  into the maps as the step had them, since others answer otherwise. */
export const qLora: MethodImplementation<QLora> = {
  check: (config, model) => lora.check(asLora(config, model), model),

  shapes: (config, model, labels) => lora.shapes(asLora(config, model), model, labels),

  init: (config, model, labels, seed) => lora.init(asLora(config, model), model, labels, seed),

  constants: (configs, sizes) => lora.constants!(configs.map(plain), sizes),

  adapt: (pass) => lora.adapt({ ...pass, config: asLora(pass.config, pass.model) }),

  // The floats of a map are set aside as soon as it is packed: that they need not stay in memory is what
  // QLoRA is for.
  freeze(config, model) {
    const maps = mapNames(model);
    const packed = [...maps].flatMap((name) => {
      const weight = model.original(name);
      const parts = Object.entries(quantised(weight, config.doubleQuantisation));
      const { shape } = weight;
      weight.dispose();
      model.setAside([name]);
      return parts.map(([part, t]) => [packedName(name, part, shape), t] as const);
    });
    const float = Object.keys(model.weights).filter((name) => !maps.has(name));
    // the caller frees what it was given
    const shared = float.map((name) => [name, model.weights[name]!.clone()]);
    const tables = Object.entries(codebooks()).map(([name, t]) => [tablePrefix + name, t]);
    return Object.fromEntries([...shared, ...packed, ...tables]) as Parameters;
  },

  weights: (frozen) => unpacked(frozen),

  merge(config, model, parameters) {
    const frozen = qLora.freeze!(config, model);
    const merged = tf.tidy(() => {
      const float = unpacked(frozen);
      const maps = Object.fromEntries([...mapNames(model)].map((name) => [name, float[name]!]));
      const base = { ...model, weights: { ...model.weights, ...maps } };
      return { ...maps, ...lora.merge!(asLora(config, model), base, parameters) };
    });
    tf.dispose(frozen);
    return merged;
  },

  // The adapter's files are LoRA's, and read as such: what it was trained over is not part of them.
  peft: {
    type: 'LORA',

    reads: () => false,

    config: (config, model) => lora.peft!.config(asLora(config, model), model),
    tensors: (parameters, config, model) => lora.peft!.tensors(parameters, asLora(config, model), model),
    parameters(tensors, written, model) {
      const { config, parameters } = lora.peft!.parameters(tensors, written, model);
      return { config: { ...config, name: 'qlora', doubleQuantisation: true }, parameters };
    },
  },
};

const plain = ({ doubleQuantisation: _none, ...rest }: QLora) => ({ ...rest, name: 'lora' }) as const;

const asLora = (config: QLora, model: Model) => {
  return { ...plain(config), targets: config.targets ?? model.modules.linears.map((m) => m.name) };
};

const mapNames = (model: Model): Set<string> => new Set(model.modules.linears.map((m) => `${m.name}.weight`));

const tablePrefix = 'nf4:table:';

/** A part's name says which weight it is of, and its shape: the step knows tensors only. */
const packedName = (weight: string, part: string, shape: number[]): string =>
  `nf4:${weight}:${shape.join('x')}:${part}`;

/** Weights by name, each made float when it is first asked for. */
function unpacked(frozen: Weights): Weights {
  const packed = new Map<string, { shape: number[]; parts: Parameters }>();
  const tables: Parameters = {};
  const weights: Record<string, tf.Tensor> = {};
  for (const [name, t] of Object.entries(frozen)) {
    if (name.startsWith(tablePrefix)) tables[name.slice(tablePrefix.length)] = t;
    else if (name.startsWith('nf4:')) {
      const [, weight, shape, part] = name.split(':') as [string, string, string, string];
      const known = packed.get(weight) ?? { shape: shape.split('x').map(Number), parts: {} };
      known.parts[part] = t;
      packed.set(weight, known);
    } else weights[name] = t;
  }
  for (const [name, { shape, parts }] of packed) {
    let made: tf.Tensor | undefined;
    const make = () => dequantised(parts, tables, shape) as tf.Tensor2D;
    Object.defineProperty(weights, name, { enumerable: true, get: () => (made ??= remade(make)) });
  }
  return weights;
}
