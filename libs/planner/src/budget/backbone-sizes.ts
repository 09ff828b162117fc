/** Sizes of the backbones that peftgrid knows by name, and what follows from them of their modules. A test
 *  holds them to the models themselves. */
import { linearNames } from '../unreached.js';
import { knownBackbones } from '../known-backbones.js';

/** Widths as config.json has them. */
interface Widths {
  parameters: number; // scalars of the weights that are read
  width: number; // of hidden states
  inner: number; // within feed-forward layers
  queries: number; // of all heads
  keyValues: number;
}

const widths: Readonly<Record<string, Widths>> = {
  'minilm-l3': { parameters: 17_241_984, width: 384, inner: 1536, queries: 384, keyValues: 384 },
  'minilm-l6': { parameters: 22_565_376, width: 384, inner: 1536, queries: 384, keyValues: 384 },
  'mpnet-base': { parameters: 108_895_872, width: 768, inner: 3072, queries: 768, keyValues: 768 },
  'smollm2-135m': { parameters: 134_515_008, width: 576, inner: 1536, queries: 576, keyValues: 192 },
  't5-nano': { parameters: 7_254_528, width: 192, inner: 512, queries: 192, keyValues: 192 },
  't5-micro': { parameters: 12_032_000, width: 256, inner: 768, queries: 256, keyValues: 256 },
};

/** A linear map, by its name in the weights' file. */
export interface MapShape {
  name: string;
  inputs: number;
  outputs: number;
}

export interface BackboneShape extends Widths {
  name: string;
  family: (typeof knownBackbones)[string]['family'];
  layers: number; // of each stack
  maps: readonly MapShape[];
}

/** undefined: no backbone that is known by name. */
export function shapeOf(name: string | undefined): BackboneShape | undefined {
  if (name === undefined || !Object.hasOwn(widths, name)) return undefined;
  const { family, layers } = knownBackbones[name]!;
  const own = widths[name]!;
  const maps = linearNames({ family, layers }).map((map) => ({ name: map, ...sidesOf(map, own) }));
  return { name, family, layers, ...own, maps };
}

/** Inputs and outputs of a map, by the last part of its name. */
function sidesOf(name: string, { width, inner, queries, keyValues }: Widths): Omit<MapShape, 'name'> {
  const last = name.split('.').at(-1)!;
  if (/^(k|v|key|value|k_proj|v_proj)$/.test(last)) return { inputs: width, outputs: keyValues };
  if (/^(q|query|q_proj)$/.test(last)) return { inputs: width, outputs: queries };
  if (/^(o|o_proj)$/.test(last) || name.endsWith('attention.output.dense'))
    return { inputs: queries, outputs: width };
  if (/^(wi_0|wi_1|gate_proj|up_proj)$/.test(last) || name.endsWith('intermediate.dense'))
    return { inputs: width, outputs: inner };
  return { inputs: inner, outputs: width };
}
