import * as tf from '@tensorflow/tfjs';
import type { Vera } from '#contracts/methods/vera.js';
import { dropout } from '#engine/ops/dropout.js';
import type { Model } from '#models/model.js';
import type { LinearMap } from '#models/modules.js';
import { veraLayout } from '../files/peft/vera.js';
import { scaledByMember } from '../members/members.js';
import { targetMaps } from '../members/targets.js';
import type { MethodImplementation, Parameters } from '../method.js';
import { addedTo, mergedMaps } from './low-rank.js';
import { TorchUniform } from './torch-uniform.js';

/** VeRA (Kopiczko et al. 2024 §3): y = W x + b ⊙ B (d ⊙ A x). A [r, in] and B [out, r] are random, frozen and
 *  the same for all maps, each of which takes the rows and columns that it needs; d [r] begins as `dInitial`,
 *  b [out] as zero. Parameters: r + out a map. The projections are those of Hugging Face peft for the same
 *  key: Kaiming uniform, U[-sqrt(6 / in), sqrt(6 / in)]. */
export const vera: MethodImplementation<Vera> = {
  check(config, model) {
    mapsOf(config, model);
  },

  shapes: shapesOf,

  init: (config, model) =>
    Object.fromEntries(
      Object.entries(shapesOf(config, model)).map(([name, shape]) => [
        name,
        name.endsWith(inner) ? tf.fill(shape, config.dInitial) : tf.zeros(shape),
      ]),
    ),

  fixed: projections,

  adapt({ config, model, parameters, constants, draws }) {
    const [a, b] = [constants['vera_A'] as tf.Tensor2D, constants['vera_B'] as tf.Tensor2D];
    const sites = new Map(mapsOf(config, model).map((m, i) => [m.name, i]));
    return {
      linear(name, x, y) {
        const d = parameters[name + inner] as tf.Tensor2D | undefined;
        if (!d) return y;
        const read = draws ? (dropout(x, config.dropout, draws, sites.get(name)!) as tf.Tensor3D) : x;
        const low = scaledByMember(times(read, partOf(a, [config.rank, x.shape[2]])), d);
        const high = times(low, partOf(b, [y.shape[2], config.rank]));
        return tf.add(y, scaledByMember(high, parameters[name + outer] as tf.Tensor2D));
      },
    };
  },

  weights: (frozen) => frozen,

  merge(config, model, parameters) {
    const fixed = projections(config, model) as { vera_A: tf.Tensor2D; vera_B: tf.Tensor2D };
    const merged = mergedMaps(mapsOf(config, model), ({ name, inputs, outputs }) => {
      const a = tf.mul(
        partOf(fixed.vera_A, [config.rank, inputs]),
        tf.expandDims(parameters[name + inner]!, 1),
      );
      const b = tf.mul(
        partOf(fixed.vera_B, [outputs, config.rank]),
        tf.expandDims(parameters[name + outer]!, 1),
      );
      return addedTo(model, name, tf.matMul(b, a));
    });
    tf.dispose(fixed);
    return merged;
  },

  peft: veraLayout({ mapsOf, projections }),
};

const [inner, outer] = ['.vera_lambda_d', '.vera_lambda_b'] as const;

function mapsOf(config: Pick<Vera, 'targets'>, model: Model): LinearMap[] {
  return targetMaps(model, config.targets, ['query', 'value', 'query-key-value']);
}

function shapesOf(config: Vera, model: Model): Record<string, number[]> {
  return Object.fromEntries(
    mapsOf(config, model).flatMap(({ name, outputs }) => [
      [name + outer, [outputs]],
      [name + inner, [config.rank]],
    ]),
  );
}

/** A and B for the largest map of those that are trained. The caller owns them. */
function projections(config: Vera, model: Model): Parameters {
  const maps = mapsOf(config, model);
  const [inputs, outputs] = [Math.max(...maps.map((m) => m.inputs)), Math.max(...maps.map((m) => m.outputs))];
  const random = new TorchUniform(config.projectionKey);
  const drawn = (rows: number, columns: number) =>
    tf.tensor2d(random.values(rows * columns, Math.sqrt(3) * Math.sqrt(2 / columns)), [rows, columns]);
  return { vera_A: drawn(config.rank, inputs), vera_B: drawn(outputs, config.rank) };
}

const partOf = (projection: tf.Tensor2D, shape: [number, number]): tf.Tensor2D =>
  tf.slice(projection, [0, 0], shape);

/** x [N, T, in] W^T, W [out, in]. */
function times(x: tf.Tensor3D, w: tf.Tensor2D): tf.Tensor3D {
  const [rows, length, inputs] = x.shape;
  return tf.reshape(tf.matMul(tf.reshape(x, [rows * length, inputs]), w, false, true), [
    rows,
    length,
    w.shape[0],
  ]);
}
