/** 4-bit NormalFloat (Dettmers et al. 2023 §3), packed eight to an int32, unpacked by operations that a
 *  compiled step can do. */
import * as tf from '@tensorflow/tfjs';
import { fused } from '#engine/memory/fused.js';
import { bitFields } from '#engine/ops/bit-fields.js';
import { gatherRows } from '#engine/ops/embedding.js';
import { narrowed } from '#engine/ops/kept-narrow.js';
import type { Parameters } from '../method.js';

/** The codebook of bitsandbytes and of the paper's appendix E: quantiles of N(0, 1) scaled to [-1, 1], with
 *  an exact zero. */
export const nf4Codes = [
  -1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635, -0.18477343022823334,
  -0.09105003625154495, 0.0, 0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224,
  0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1.0,
]; // prettier-ignore

const passesOver = 4; // a weight: its shifted word, its code, its value, its product with the scale
const block = 64; // weights that share a scale
const scaleBlock = 256; // scales that share one, where those are quantised too

/** One weight matrix as tensors: codes int32 [n / 8], and its blocks' scales, float or as 8-bit codes with
 *  scales of their own. */
export function quantised(weight: tf.Tensor, doubly: boolean): Parameters {
  const values = weight.dataSync() as Float32Array;
  const blocks = Math.ceil(values.length / block);
  const scales = Float32Array.from({ length: blocks }, (_, b) =>
    largest(values.subarray(b * block, (b + 1) * block)),
  );
  const codes = new Int32Array(Math.ceil(values.length / 8));
  values.forEach((v, i) => {
    const scale = scales[Math.floor(i / block)]!;
    codes[i >> 3]! |= nearest(nf4Codes, scale === 0 ? 0 : v / scale) << (4 * (i & 7));
  });
  return {
    codes: tf.tensor1d(codes, 'int32'),
    ...(doubly ? quantisedScales(scales) : { scales: tf.tensor1d(scales) }),
  };
}

/** The weights again, in `shape` and the step's precision. `tables` holds the codebooks as arguments of the
 *  step. */
export function dequantised(parts: Parameters, tables: Parameters, shape: number[]): tf.Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  const blocks = Math.ceil(size / block);
  // beside the loop over weights, which would look each up 64 times
  const scales = parts['scales'] ?? dequantisedScales(parts, tables);
  const given = { codes: parts['codes']!, scales: tf.slice(scales, [0], [blocks]), table: tables['nf4']! };
  const compute = ({ of }: { of: typeof given }) => {
    const values = firstOf(looked(of.table, bitFields(of.codes, 4)), size);
    const padded = size === blocks * block ? values : tf.pad(values, [[0, blocks * block - size]]);
    const each = tf.mul(tf.reshape(padded, [blocks, block]), tf.expandDims(of.scales, 1));
    return { weight: { w: narrowed(tf.reshape(firstOf(tf.reshape(each, [-1]), size), shape)) } };
  };
  return fused(`nf4 ${shape.join('x')}`, { of: given }, compute, passesOver * size).weight.w;
}

const firstOf = (t: tf.Tensor, size: number): tf.Tensor => (t.size === size ? t : tf.slice(t, [0], [size]));

/** The codebooks, for the frozen arguments of a step. */
export function codebooks(): Parameters {
  return { nf4: tf.tensor1d(nf4Codes), scale8: tf.tensor1d(scaleCodes) };
}

/** bitsandbytes' signed dynamic 8-bit map, with which the scales are quantised (the paper says FP8): 7
 *  decades, finer the larger. */
export const scaleCodes = ((): number[] => {
  const codes = [0, 1];
  for (let i = 0; i < 7; i++) {
    const items = 2 ** i;
    for (let k = 0; k < items; k++) {
      const mean = 0.1 + (0.9 * (k + 0.5)) / items;
      codes.push(10 ** (i - 6) * mean, -(10 ** (i - 6)) * mean);
    }
  }
  return codes.toSorted((a, b) => a - b);
})();

/** Scales less their mean, in blocks of 256 of 8 bits each, four to an int32. */
function quantisedScales(scales: Float32Array): Parameters {
  const mean = scales.reduce((a, b) => a + b, 0) / scales.length;
  const blocks = Math.ceil(scales.length / scaleBlock);
  const shifted = scales.map((s) => s - mean);
  const outer = Float32Array.from({ length: blocks }, (_, b) =>
    largest(shifted.subarray(b * scaleBlock, (b + 1) * scaleBlock)),
  );
  const codes = new Int32Array((blocks * scaleBlock) / 4);
  shifted.forEach((v, i) => {
    const scale = outer[Math.floor(i / scaleBlock)]!;
    codes[i >> 2]! |= nearest(scaleCodes, scale === 0 ? 0 : v / scale) << (8 * (i & 3));
  });
  return {
    scaleCodes: tf.tensor1d(codes, 'int32'),
    scaleScales: tf.tensor1d(outer),
    scaleMean: tf.scalar(mean),
  };
}

function dequantisedScales(parts: Parameters, tables: Parameters): tf.Tensor {
  const outer = parts['scaleScales']!;
  const values = looked(tables['scale8']!, bitFields(parts['scaleCodes']!, 8));
  const each = tf.mul(tf.reshape(values, [outer.size, scaleBlock]), tf.expandDims(outer, 1));
  return tf.reshape(tf.add(each, parts['scaleMean']!), [-1]);
}

const looked = (table: tf.Tensor, codes: tf.Tensor): tf.Tensor =>
  gatherRows(table, tf.reshape(codes, [-1]) as tf.Tensor1D);

function largest(values: Float32Array): number {
  return values.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
}

/** Index of the nearest of ascending codes. */
function nearest(codes: readonly number[], value: number): number {
  let [low, high] = [0, codes.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (codes[middle]! <= value) low = middle;
    else high = middle;
  }
  return value - codes[low]! <= codes[high]! - value ? low : high;
}
