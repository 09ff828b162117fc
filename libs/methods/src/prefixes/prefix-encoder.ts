import * as tf from '@tensorflow/tfjs';
import { product } from '#engine/ops/product.js';
import { HostRandom } from '#engine/host-random.js';
import { type Draws, dropout } from '#engine/ops/dropout.js';
import type { Adaptation, AttentionSite } from '#models/adaptation.js';
import type { Model } from '#models/model.js';
import type { Attention } from '#models/modules.js';
import { repeatedForRows } from '../members/members.js';
import type { Parameters } from '../method.js';
import { type PaddedSizes, scalarsOf, type Shapes, sizedBy, sizeOf, sizesOf } from '../members/shapes.js';
import { ownPlaces } from '../members/stacking.js';

/** Trained keys and values in front of every layer's own, one table for each kind of attention: of the
 *  encoder, of the decoder, and of the decoder looking at the encoder. What prefix tuning and P-tuning v2
 *  share. */
export interface PrefixConfig {
  length: number; // P
  hidden: number | null; // width of the MLP that the prefix is trained through; null: trained as it is
}

/** Attentions that share a table, by the table's name. */
export type PrefixTables = Map<string, Attention[]>;

/** Scalars of a virtual token, by table. */
export type TableWidths = ReadonlyMap<string, number>;

export function tablesOf(attentions: readonly Attention[]): PrefixTables {
  const tables: PrefixTables = new Map();
  for (const attention of attentions) {
    const name = tableName(attention);
    tables.set(name, [...(tables.get(name) ?? []), attention]);
  }
  return tables;
}

export const tableName = ({ stack, kind }: AttentionSite): string => (kind === 'cross' ? 'cross' : stack);

/** Keys and values of all layers of a table: 2 L H d. */
export function keyValueWidths(tables: PrefixTables): TableWidths {
  const widthOf = ([first, ...rest]: Attention[]): number =>
    2 * (rest.length + 1) * first!.heads * first!.dHead;
  return new Map([...tables].map(([table, attentions]) => [table, widthOf(attentions)]));
}

export function prefixShapes(
  { length, hidden }: PrefixConfig,
  widths: TableWidths,
  model: Model,
): Shapes<'length'> {
  const p = sizedBy('length', length);
  return Object.fromEntries(
    [...widths].flatMap(([table, width]): [string, Shapes<'length'>[string]][] => {
      if (hidden === null) return [[`${table}.embedding`, [p, width]]];
      return [
        [`${table}.embedding`, [p, model.dModel]],
        [`${table}.down.weight`, [hidden, model.dModel]],
        [`${table}.down.bias`, [hidden]],
        [`${table}.up.weight`, [width, hidden]],
        [`${table}.up.bias`, [width]],
      ];
    }),
  );
}

/** Embeddings from N(0, 1), maps from U[-1/sqrt(in), 1/sqrt(in)]: PyTorch's nn.Embedding and nn.Linear, which
 *  the authors' code uses. */
export function initPrefix(shapes: Shapes, seed: number): Parameters {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      const random = new HostRandom(seed, `prefix ${name}`);
      const inputs = name.endsWith('.weight')
        ? inputsOf(shape)
        : inputsOf(shapes[name.replace(/\.bias$/, '.weight')]);
      const draw =
        inputs === undefined ? () => random.normal() : () => inputs ** -0.5 * (2 * random.uniform() - 1);
      return [name, tf.tensor(Float32Array.from({ length: scalarsOf(shape) }, draw), sizesOf(shape))];
    }),
  );
}

const inputsOf = (weight: Shapes[string] | undefined): number | undefined => weight && sizeOf(weight[1]!);

/** What prefixAdaptation needs beside the parameters: which virtual tokens are each member's own, and how
 *  many. */
export function prefixConstants(configs: readonly PrefixConfig[], sizes: PaddedSizes<'length'>): Parameters {
  const lengths = configs.map((c) => c.length);
  return {
    prefixMask: ownPlaces(lengths, sizes.length),
    prefixLengths: tf.tensor2d(lengths, [lengths.length, 1], 'int32'),
  };
}

interface PrefixOptions {
  relativePositions?: boolean;
  dropout?: { rate: number; draws: Draws }; // of every row's keys and values
}

/** The hooks of stacked parameters [G, ...]. The positions of a stack that has a prefix begin behind it, as
 *  in the authors' code and in Hugging Face peft; relative ones (T5's) where they are asked for, as in peft.
 */
export function prefixAdaptation(
  parameters: Parameters,
  constants: Parameters,
  tables: PrefixTables,
  { relativePositions = false, dropout: drop }: PrefixOptions = {},
): Adaptation {
  const part = layerParts(parameters, tables);
  const longest = constants['prefixMask']!.shape[1]!;
  return {
    keyValues(site, rows) {
      const whole = part(site, rows);
      const own = whole && drop ? dropped(whole, drop, siteNumber(site, tables)) : whole;
      return own && { ...own, mask: repeatedForRows<tf.Tensor2D>(constants['prefixMask']!, rows) };
    },
    positions: (ids, rows, stack) =>
      tables.has(stack) ? tf.add(ids, repeatedForRows<tf.Tensor2D>(constants['prefixLengths']!, rows)) : ids,
    ...(relativePositions && { inFront: (stack: string) => (tables.has(stack) ? longest : 0) }),
  };
}

/** Keys and values of one attention are dropped apart, and those of every attention by other draws. */
function dropped(
  { keys, values }: LayerPart,
  { rate, draws }: { rate: number; draws: Draws },
  site: number,
): LayerPart {
  return {
    keys: dropout(keys, rate, draws, 2 * site) as tf.Tensor4D,
    values: dropout(values, rate, draws, 2 * site + 1) as tf.Tensor4D,
  };
}

function siteNumber(site: AttentionSite, tables: PrefixTables): number {
  const all = [...tables].flatMap(([table, attentions]) =>
    attentions.map(({ layer }) => `${table} ${layer}`),
  );
  return all.indexOf(`${tableName(site)} ${site.layer}`);
}

export interface LayerPart {
  keys: tf.Tensor4D; // [N, H, P, d]
  values: tf.Tensor4D;
}

/** The trained keys and values of an attention for each row; undefined where it has none. Each table is
 *  computed once a pass. */
export function layerParts(
  parameters: Parameters,
  tables: PrefixTables,
): (site: AttentionSite, rows: number) => LayerPart | undefined {
  const computed = new Map<string, tf.Tensor>();
  const valuesOf = (table: string, attentions: Attention[]): tf.Tensor => {
    const before = computed.get(table);
    // a text that is being written frees what each token made
    if (before && !before.isDisposed) return before;
    const now = tableValues(parameters, table, attentions);
    computed.set(table, now);
    return now;
  };
  return (site, rows) => {
    const table = tableName(site);
    const attentions = tables.get(table) ?? [];
    const place = attentions.findIndex((a) => a.layer === site.layer);
    if (place < 0) return undefined;
    const part = (half: number) => layerPart(valuesOf(table, attentions), 2 * place + half, rows);
    return { keys: part(0), values: part(1) };
  };
}

/** [2 L, G, H, P, d] of one table, keys and values of a layer side by side: Hugging Face peft's order. */
function tableValues(parameters: Parameters, table: string, attentions: Attention[]): tf.Tensor {
  const { heads, dHead } = attentions[0]!;
  const values = prefixValues(parameters, table);
  const [members, length] = values.shape as [number, number, number];
  return tf.transpose(
    tf.reshape(values, [members, length, 2 * attentions.length, heads, dHead]),
    [2, 0, 3, 1, 4],
  );
}

/** [G, P, width]: the table itself, or what the MLP makes of it, tanh between two maps (Li & Liang 2021
 *  §4.3). */
export function prefixValues(parameters: Parameters, table: string): tf.Tensor3D {
  if (!parameters[`${table}.down.weight`]) return parameters[`${table}.embedding`] as tf.Tensor3D;
  return affine(parameters, `${table}.up`, hiddenPrefix(parameters, table)) as tf.Tensor3D;
}

/** What the MLP's last map reads, [G, P, hidden]. */
export function hiddenPrefix(parameters: Parameters, table: string): tf.Tensor3D {
  return tf.tanh(affine(parameters, `${table}.down`, parameters[`${table}.embedding`]!)) as tf.Tensor3D;
}

function affine(parameters: Parameters, name: string, x: tf.Tensor): tf.Tensor {
  return tf.add(
    product<tf.Tensor>(x, parameters[`${name}.weight`]!, false, true),
    tf.expandDims(parameters[`${name}.bias`]!, 1),
  );
}

function layerPart(table: tf.Tensor, index: number, rows: number): tf.Tensor4D {
  const rest = table.shape.slice(1);
  const part = tf.reshape(tf.slice(table, [index, ...rest.map(() => 0)], [1, ...rest]), rest);
  return repeatedForRows<tf.Tensor4D>(part, rows);
}

/** One member's prefix without the MLP: [P, width] a table, named as where there is none. Other parameters
 *  stay as they are. */
export function foldPrefix(parameters: Parameters): Parameters {
  const stacked = Object.fromEntries(
    Object.entries(parameters).map(([n, t]) => [n, () => tf.expandDims(t, 0)]),
  );
  const through = (table: string) => Object.keys(parameters).filter((n) => n.startsWith(`${table}.`));
  const tables = Object.keys(parameters).flatMap((n) =>
    n.endsWith('.down.weight') ? [n.slice(0, -'.down.weight'.length)] : [],
  );
  const folded = { ...parameters };
  for (const table of tables) {
    const names = through(table);
    const values = tf.tidy(() =>
      tf.squeeze(prefixValues(Object.fromEntries(names.map((n) => [n, stacked[n]!()])), table), [0]),
    );
    for (const name of names) delete folded[name];
    folded[`${table}.embedding`] = values;
  }
  return folded;
}
