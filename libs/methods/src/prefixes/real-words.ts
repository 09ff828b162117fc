/** Prefixes that begin as what the frozen model makes of real words (Li & Liang 2021 §7.4). */
import * as tf from '@tensorflow/tfjs';
import type { Adaptation } from '#models/adaptation.js';
import type { Model } from '#models/model.js';
import { readRows } from '../prompts/embedding-rows.js';
import type { Parameters } from '../method.js';
import { hiddenPrefix, type PrefixTables, prefixValues, tableName } from './prefix-encoder.js';

/** The tokens of a text, over and over until there are `length`. Throws where the text has none. */
export function wordIds(model: Model, text: string, length: number): number[] {
  const ids = model.tokenizer.encodePlain(text);
  if (ids.length === 0) throw new Error(`method.words is ${JSON.stringify(text)}, which has no token`);
  return Array.from({ length }, (_, i) => ids[i % ids.length]!);
}

/** Keys and values [P, 2 L H d] of the words' own tokens, by table. An encoder-decoder reads them and writes
 *  them. */
export function wordActivations(model: Model, tables: PrefixTables, ids: readonly number[]): Parameters {
  const found = new Map<string, tf.Tensor[]>();
  const reading: Adaptation = {
    memory(site, own) {
      const table = tableName(site);
      if (tables.get(table)?.some((a) => a.layer === site.layer))
        found.set(table, [
          ...(found.get(table) ?? []),
          ...[own.keys, own.values].map((t) => tf.keep(tf.clone(t))),
        ]);
      return own;
    },
  };
  tf.tidy(() => {
    const words = tf.tensor2d([...ids], [1, ids.length], 'int32');
    const encoded = model.encode(model.weights, { ids: words, mask: tf.ones([1, ids.length]) }, reading);
    if (model.kind === 'encoder-decoder') model.decode(model.weights, encoded, words, reading);
  });
  // [2 L, H, P, d]
  const rows = (parts: tf.Tensor[]) =>
    tf.tidy(() => tf.transpose(tf.concat(parts), [2, 0, 1, 3]).reshape([ids.length, -1]));
  const tensors = Object.fromEntries([...found].map(([table, parts]) => [table, rows(parts)]));
  tf.dispose([...found.values()].flat());
  return tensors;
}

/** The words' embeddings [P, D], the same for every stack. */
export function wordEmbeddings(model: Model, stacks: Iterable<string>, ids: readonly number[]): Parameters {
  const rows = readRows(model, ids);
  return Object.fromEntries(
    [...stacks].map((stack) => [stack, tf.tensor2d(rows, [ids.length, model.dModel])]),
  );
}

/** `parameters` changed so that their tables are `wanted` [P, width], which it takes over: the table itself,
 *  or the least change of the MLP's last map that makes it so. The authors come near it by 500 epochs of
 *  Adam; a prefix longer than the MLP is wide can only come near it here too. */
export function beginningAs(parameters: Parameters, wanted: Parameters): Parameters {
  const begun = { ...parameters };
  for (const [table, values] of Object.entries(wanted)) {
    const name = parameters[`${table}.up.weight`] ? `${table}.up.weight` : `${table}.embedding`;
    begun[name] = name.endsWith('.embedding') ? values : fitted(parameters, table, values);
    parameters[name]!.dispose();
    if (begun[name] !== values) values.dispose();
  }
  return begun;
}

function fitted(parameters: Parameters, table: string, wanted: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const own = Object.entries(parameters).filter(([n]) => n.startsWith(`${table}.`));
    const stacked = Object.fromEntries(own.map(([n, t]) => [n, tf.expandDims(t, 0)]));
    const h = tf.squeeze(hiddenPrefix(stacked, table), [0]) as tf.Tensor2D; // [P, hidden]
    // [P, width]
    const missing = tf.sub(wanted, tf.squeeze(prefixValues(stacked, table), [0])) as tf.Tensor2D;
    const solved = leastChange(h, missing);
    return tf.add(parameters[`${table}.up.weight`]!, tf.matMul(solved, h, true, false)); // [width, hidden]
  });
}

/** X [P, width] with (H H^T + small I) X = R, in double precision: H^T X is the least matrix whose product
 *  with H is R. */
function leastChange(h: tf.Tensor2D, r: tf.Tensor2D): tf.Tensor2D {
  const [p, hidden] = h.shape;
  const width = r.shape[1];
  const [rows, right] = [Float64Array.from(h.dataSync()), Float64Array.from(r.dataSync())];
  const gram = new Float64Array(p * p);
  for (let i = 0; i < p; i++)
    for (let j = 0; j < p; j++) {
      let sum = i === j ? 1e-9 * hidden : 0;
      for (let k = 0; k < hidden; k++) sum += rows[i * hidden + k]! * rows[j * hidden + k]!;
      gram[i * p + j] = sum;
    }
  solve(gram, right, p, width);
  return tf.tensor2d(Float32Array.from(right), [p, width]);
}

/** Gauss-Jordan on a symmetric positive definite matrix [n, n]; `b` [n, m] becomes the solution. */
function solve(a: Float64Array, b: Float64Array, n: number, m: number): void {
  for (let pivot = 0; pivot < n; pivot++) {
    const scale = 1 / a[pivot * n + pivot]!;
    for (let j = 0; j < n; j++) a[pivot * n + j]! *= scale;
    for (let j = 0; j < m; j++) b[pivot * m + j]! *= scale;
    for (let i = 0; i < n; i++) {
      const factor = i === pivot ? 0 : a[i * n + pivot]!;
      if (factor === 0) continue;
      for (let j = 0; j < n; j++) a[i * n + j]! -= factor * a[pivot * n + j]!;
      for (let j = 0; j < m; j++) b[i * m + j]! -= factor * b[pivot * m + j]!;
    }
  }
}
