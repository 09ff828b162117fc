import * as tf from '@tensorflow/tfjs';
import type { Parameters } from '../method.js';

/** Shapes of one member's tensors by name. */
export type Shapes = Record<string, number[]>;

/** Members' tensors of equal names on a leading member axis; smaller ones are padded with zeros in front on
 *  every axis, where a resumed member of another gang's size is padded or cut too. */
export function stackPadded(members: readonly Parameters[]): Parameters {
  const names = Object.keys(members[0]!);
  return Object.fromEntries(
    names.map((name) => {
      const tensors = members.map((m) => m[name]!);
      const largest = tensors[0]!.shape.map((_, axis) => Math.max(...tensors.map((t) => t.shape[axis]!)));
      return [name, tf.tidy(() => tf.stack(tensors.map((t) => padded(t, largest))))];
    }),
  );
}

/** One member's tensors out of a stacked set, in their own shapes. */
export function unstackTo(shapes: Shapes, parameters: Parameters, member: number): Parameters {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      const begin = [member, ...shape.map((n, axis) => parameters[name]!.shape[axis + 1]! - n)];
      return [name, tf.tidy(() => tf.reshape(tf.slice(parameters[name]!, begin, [1, ...shape]), shape))];
    }),
  );
}

/** One member's tensors where all members have the same shapes. */
export function unstackEqual(parameters: Parameters, member: number): Parameters {
  return unstackTo(
    ownShapes(parameters, (_name, shape) => shape),
    parameters,
    member,
  );
}

/** Shapes of one member's tensors, from the stacked ones and what of them is its own. */
export function ownShapes(parameters: Parameters, own: (name: string, shape: number[]) => number[]): Shapes {
  return Object.fromEntries(Object.entries(parameters).map(([name, t]) => [name, own(name, t.shape.slice(1))]));
}

/** Scalars in tensors of these shapes. */
export function countOf(shapes: Shapes): number {
  return Object.values(shapes).reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0);
}

function padded(t: tf.Tensor, shape: number[]): tf.Tensor {
  return t.shape.every((n, axis) => n === shape[axis]) ? t : tf.pad(t, t.shape.map((n, axis) => [shape[axis]! - n, 0])); // prettier-ignore
}
