import * as tf from '@tensorflow/tfjs';
import type { StoredTensor } from '#models/weights/safetensors.js';

/** A member's stored tensor in the shape that its gang has now. A gang pads in front, so a member that comes from a wider gang is cut in
 *  front and one that comes from a narrower gang is padded there. Throws where the state lacks the tensor. */
export function fitted(name: string, found: StoredTensor | undefined, shape: readonly number[]): tf.Tensor {
  if (!found || found.shape.length !== shape.length)
    throw new Error(`the resume state has no tensor ${name} [${shape.join(', ')}]`);
  const t = tf.tensor(found.values, found.shape);
  const cut = found.shape.map((size, axis) => Math.max(0, size - shape[axis]!));
  const pads = found.shape.map((size, axis): [number, number] => [Math.max(0, shape[axis]! - size), 0]);
  const sliced = cut.some((n) => n > 0) ? tf.slice(t, cut, found.shape.map((size, axis) => size - cut[axis]!)) : t; // prettier-ignore
  return pads.some(([n]) => n > 0) ? tf.pad(sliced, pads) : sliced;
}
