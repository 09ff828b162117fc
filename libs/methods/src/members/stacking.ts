import * as tf from '@tensorflow/tfjs';
import type { Method } from '#contracts/method.js';
import type { Model } from '#models/model.js';
import type { LabelSpace, MethodImplementation, Parameters } from '../method.js';
import { type Axis, countOf, type PaddedSizes, type Shapes, sizeOf, sizesOf } from './shapes.js';

/** How members of one method lie in shared tensors [G, ...]: all follows from the shapes that the method
 *  declares. */
export interface Stacking {
  /** Scalars that each member trains. */
  readonly counts: readonly number[];
  /** Members' tensors on a leading axis, padded with zeros in front; they stay the caller's. Throws where one
   *  is misshapen. */
  stack(members: readonly Parameters[]): Parameters;
  /** One member's own out of a stacked set, in its own shapes. The caller owns them. */
  unstack(parameters: Parameters, member: number): Parameters;
  /** The fixed tensors that `adapt` needs next to the parameters. The caller owns them. */
  constants(): Parameters;
}

/** `room`: virtual tokens for which the model has positions next to the longest text; absent: any number.
 *  Made before the method's `freeze`, and good after it. */
export function stackingOf<M extends Method>(
  method: MethodImplementation<M>,
  configs: readonly M[],
  { model, labels, room = Infinity }: { model: Model; labels: LabelSpace; room?: number },
): Stacking {
  const shapes = configs.map((config) => method.shapes(config, model, labels) as Shapes);
  const sizes = paddedSizes(shapes, (knob, largest) => {
    const bucket = method.buckets?.[knob as keyof typeof method.buckets] as
      ((size: number) => number) | undefined;
    // a bucket leaves the text its positions
    return bucket ? Math.max(largest, Math.min(bucket(largest), room)) : largest;
  });
  return {
    counts: shapes.map(countOf),

    stack: (members) =>
      Object.fromEntries(
        Object.entries(shapes[0]!).map(([name, axes]) => {
          const padded = axes.map((axis) => paddedSize(axis, sizes));
          return [
            name,
            stackTensors(
              members.map((own, m) => required(own, name, shapes[m]![name]!)),
              padded,
            ),
          ];
        }),
      ),

    unstack: (parameters, member) =>
      Object.fromEntries(
        Object.entries(shapes[member]!).map(([name, axes]) => [
          name,
          ownPart(parameters[name]!, sizesOf(axes), member),
        ]),
      ),

    constants: () => ({ ...method.fixed?.(configs[0]!, model), ...method.constants?.(configs, sizes) }),
  };
}

/** 1 for the places of a padded axis that are each member's own, [G, padded]: padding is in front. */
export function ownPlaces(sizes: readonly number[], padded: number): tf.Tensor2D {
  return tf.tensor2d(
    sizes.map((size) => Array.from({ length: padded }, (_, i) => (i >= padded - size ? 1 : 0))),
  );
}

function paddedSizes(
  shapes: readonly Shapes[],
  padded: (knob: string, largest: number) => number,
): PaddedSizes {
  const largest: Record<string, number> = {};
  for (const axis of shapes.flatMap((own) => Object.values(own).flat()))
    if (typeof axis !== 'number') largest[axis.knob] = Math.max(largest[axis.knob] ?? 0, axis.size);
  return Object.fromEntries(Object.entries(largest).map(([knob, size]) => [knob, padded(knob, size)]));
}

const paddedSize = (axis: Axis, sizes: PaddedSizes): number =>
  typeof axis === 'number' ? axis : sizes[axis.knob]!;

function required(own: Parameters, name: string, shape: readonly Axis[]): tf.Tensor {
  const found = own[name];
  if (`${found?.shape}` !== `${shape.map(sizeOf)}`)
    throw new Error(`parameter ${name} is [${found?.shape}]; expected [${shape.map(sizeOf)}]`);
  return found!;
}

function stackTensors(tensors: readonly tf.Tensor[], shape: number[]): tf.Tensor {
  // no copy
  if (tensors.length === 1 && `${tensors[0]!.shape}` === `${shape}`) return tf.expandDims(tensors[0]!, 0);
  return tf.tidy(() => tf.stack(tensors.map((t) => padded(t, shape))));
}

function padded(t: tf.Tensor, shape: number[]): tf.Tensor {
  return t.shape.every((n, axis) => n === shape[axis])
    ? t
    : tf.pad(
        t,
        t.shape.map((n, axis) => [shape[axis]! - n, 0]),
      );
}

function ownPart(stacked: tf.Tensor, shape: number[], member: number): tf.Tensor {
  if (`${stacked.shape}` === `1,${shape}`) return tf.reshape(stacked, shape); // no copy
  const begin = [member, ...shape.map((n, axis) => stacked.shape[axis + 1]! - n)];
  return tf.tidy(() => tf.reshape(tf.slice(stacked, begin, [1, ...shape]), shape));
}
