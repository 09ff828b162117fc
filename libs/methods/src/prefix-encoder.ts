import * as tf from '@tensorflow/tfjs';
import { HostRandom } from '#engine/host-random.js';
import type { Adaptation, AttentionSite } from '#models/adaptation.js';
import type { Model } from '#models/model.js';
import type { Attention } from '#models/modules.js';
import { repeatedForRows } from './members.js';
import type { Parameters } from './method.js';
import { ownShapes, type Shapes } from './stacking.js';

/** Trained keys and values in front of every layer's own, one table for each kind of attention: of the encoder, of the decoder, and of the
 *  decoder looking at the encoder. What prefix tuning and P-tuning v2 share. */
export interface PrefixConfig {
  length: number; // P
  hidden: number | null; // width of the MLP that the prefix is trained through; null: trained as it is
}

/** Attentions that share a table, by the table's name. */
export type PrefixTables = Map<string, Attention[]>;

export function tablesOf(attentions: readonly Attention[]): PrefixTables {
  const tables: PrefixTables = new Map();
  for (const attention of attentions) {
    const name = tableName(attention);
    tables.set(name, [...(tables.get(name) ?? []), attention]);
  }
  return tables;
}

const tableName = ({ stack, kind }: AttentionSite): string => (kind === 'cross' ? 'cross' : stack);

/** Keys and values of all layers of a table, in scalars a virtual token: 2 L H d. */
const widthOf = ([first, ...rest]: Attention[]): number => 2 * (rest.length + 1) * first!.heads * first!.dHead;

export function prefixShapes({ length, hidden }: PrefixConfig, tables: PrefixTables, model: Model): Shapes {
  return Object.fromEntries(
    [...tables].flatMap(([table, attentions]): [string, number[]][] => {
      const width = widthOf(attentions);
      if (hidden === null) return [[`${table}.embedding`, [length, width]]];
      return [
        [`${table}.embedding`, [length, model.dModel]],
        [`${table}.down.weight`, [hidden, model.dModel]],
        [`${table}.down.bias`, [hidden]],
        [`${table}.up.weight`, [width, hidden]],
        [`${table}.up.bias`, [width]],
      ];
    }),
  );
}

/** A member's shapes, from stacked tensors: the length is its own. */
export function prefixOwnShapes(parameters: Parameters, length: number): Shapes {
  return ownShapes(parameters, (name, shape) => (name.endsWith('.embedding') ? [length, shape[1]!] : shape));
}

/** Embeddings from N(0, 1), maps from U[-1/sqrt(in), 1/sqrt(in)]: PyTorch's nn.Embedding and nn.Linear, which the authors' code uses. */
export function initPrefix(shapes: Shapes, seed: number): Parameters {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      const random = new HostRandom(seed, `prefix ${name}`);
      const inputs = name.endsWith('.weight') ? shape[1]! : shapes[name.replace(/\.bias$/, '.weight')]?.[1];
      const draw = inputs === undefined ? () => random.normal() : () => inputs ** -0.5 * (2 * random.uniform() - 1);
      return [name, tf.tensor(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, draw), shape)];
    }),
  );
}

/** What prefixAdaptation needs beside the parameters: which virtual tokens are each member's own, and how many. */
export function prefixConstants(configs: readonly PrefixConfig[]): Parameters {
  const lengths = configs.map((c) => c.length);
  const longest = Math.max(...lengths);
  const mask = lengths.map((length) => Array.from({ length: longest }, (_, i) => (i >= longest - length ? 1 : 0)));
  return { prefixMask: tf.tensor2d(mask), prefixLengths: tf.tensor2d(lengths, [lengths.length, 1], 'int32') };
}

/** The hooks of stacked parameters [G, ...]. Each table is computed once a pass. The text's positions begin behind the prefix, as in the
 *  authors' code and in Hugging Face peft. */
export function prefixAdaptation(parameters: Parameters, constants: Parameters, tables: PrefixTables): Adaptation {
  const computed = new Map<string, tf.Tensor>();
  const valuesOf = (table: string, attentions: Attention[]): tf.Tensor => {
    if (!computed.has(table)) computed.set(table, tableValues(parameters, table, attentions));
    return computed.get(table)!;
  };
  return {
    keyValues(site, rows) {
      const table = tableName(site);
      const attentions = tables.get(table) ?? [];
      const place = attentions.findIndex((a) => a.layer === site.layer);
      if (place < 0) return undefined;
      const part = (half: number) => layerPart(valuesOf(table, attentions), 2 * place + half, rows);
      return { keys: part(0), values: part(1), mask: repeatedForRows<tf.Tensor2D>(constants['prefixMask']!, rows) };
    },
    positions: (ids, rows) => tf.add(ids, repeatedForRows<tf.Tensor2D>(constants['prefixLengths']!, rows)),
  };
}

/** [2 L, G, H, P, d] of one table, keys and values of a layer side by side: Hugging Face peft's order. */
function tableValues(parameters: Parameters, table: string, attentions: Attention[]): tf.Tensor {
  const { heads, dHead } = attentions[0]!;
  const values = prefixValues(parameters, table);
  const [members, length] = values.shape as [number, number, number];
  return tf.transpose(tf.reshape(values, [members, length, 2 * attentions.length, heads, dHead]), [2, 0, 3, 1, 4]);
}

/** [G, P, 2 L H d]: the table itself, or what the MLP makes of it, tanh between two maps (Li & Liang 2021 §4.3). */
export function prefixValues(parameters: Parameters, table: string): tf.Tensor3D {
  const embedding = parameters[`${table}.embedding`] as tf.Tensor3D;
  const weight = parameters[`${table}.down.weight`];
  if (!weight) return embedding;
  const map = (x: tf.Tensor, name: string) =>
    tf.add(
      tf.matMul(x, parameters[`${table}.${name}.weight`]!, false, true),
      tf.expandDims(parameters[`${table}.${name}.bias`]!, 1),
    );
  return map(tf.tanh(map(embedding, 'down')), 'up') as tf.Tensor3D;
}

function layerPart(table: tf.Tensor, index: number, rows: number): tf.Tensor4D {
  const rest = table.shape.slice(1);
  const part = tf.reshape(tf.slice(table, [index, ...rest.map(() => 0)], [1, ...rest]), rest);
  return repeatedForRows<tf.Tensor4D>(part, rows);
}
