import * as tf from '@tensorflow/tfjs';
import { product } from '#engine/ops/product.js';
import type { Adapter } from '#contracts/methods/adapter.js';
import { HostRandom } from '#engine/host-random.js';
import { gelu } from '#engine/ops/gelu.js';
import type { Model } from '#models/model.js';
import { asRows, byMember, scaledByMember, shiftedByMember } from '../members/members.js';
import type { MethodImplementation, Parameters } from '../method.js';
import { type Shapes, sizedBy, sizesOf } from '../members/shapes.js';

/** Bottleneck adapters, d -> m -> d with biases: 2 m d + d + m parameters each. houlsby: behind the attention
 *  and behind the feed-forward, before the residual, h + up(act(down h)) (Houlsby et al. 2019 §2.1).
 *  pfeiffer: behind the feed-forward only (Pfeiffer et al. 2021). parallel: beside the feed-forward, from
 *  what it reads, times `scale` (He et al. 2022, table 6). Both projections are drawn from N(0, initStd²),
 *  biases are zero; Houlsby et al. cut the normal at two deviations, and their code has 1e-3 where the paper
 *  says 1e-2. They also train every LayerNorm (§2.1): y becomes s y + t, s from one and t from zero, 2 d
 *  parameters each; RMSNorms, which have no such part, stay as they are. */
export const adapter: MethodImplementation<Adapter> = {
  check(config, model) {
    if (sitesOf(config, model).length === 0) throw new Error('method adapter finds no sublayer in the model');
    if (config.trainNorms === true && model.modules.norms.length === 0)
      throw new Error('method.trainNorms is true, and the model has no LayerNorm');
  },

  // Units beyond a member's own have zero weights on both sides, and so zero gradients (every activation is 0
  // at 0).
  shapes: (config, model) => {
    const norm = [model.dModel];
    const norms = normsOf(config, model).flatMap((name) => [
      [`${name}.scale`, norm],
      [`${name}.shift`, norm],
    ]);
    return { ...(Object.fromEntries(norms) as Record<string, number[]>), ...adapterShapes(config, model) };
  },

  init(config, model, _labels, seed) {
    const parameters: Parameters = {};
    for (const name of normsOf(config, model)) {
      parameters[`${name}.scale`] = tf.ones([model.dModel]);
      parameters[`${name}.shift`] = tf.zeros([model.dModel]);
    }
    for (const [name, axes] of Object.entries(adapterShapes(config, model))) {
      const shape = sizesOf(axes);
      const random = new HostRandom(seed, name);
      const draw = () => config.initStd * truncatedNormal(random);
      parameters[name] =
        shape.length === 1
          ? tf.zeros(shape)
          : tf.tensor(Float32Array.from({ length: shape[0]! * shape[1]! }, draw), shape);
    }
    return parameters;
  },

  constants: (configs) => ({ scale: tf.tensor1d(configs.map((c) => c.scale)) }),

  adapt: ({ config, parameters, constants, members }) => ({
    sublayer(name, x, y) {
      if (!parameters[`${name}.down.weight`]) return y;
      const part = (suffix: string) => parameters[`${name}.${suffix}`]!;
      const read = byMember(config.kind === 'parallel' ? x : y, members);
      const inner = activation(
        config,
        tf.add(
          product<tf.Tensor>(read, part('down.weight'), false, true),
          tf.expandDims(part('down.bias'), 1),
        ),
      );
      const outer = tf.add(
        product<tf.Tensor>(inner, part('up.weight'), false, true),
        tf.expandDims(part('up.bias'), 1),
      );
      const scaled = tf.mul(outer, tf.reshape(constants['scale']!, [members, 1, 1])) as tf.Tensor3D;
      return tf.add(y, asRows(scaled, y));
    },
    norm(name, y) {
      const scale = parameters[`${name}.scale`] as tf.Tensor2D | undefined;
      return scale
        ? shiftedByMember(scaledByMember(y, scale), parameters[`${name}.shift`] as tf.Tensor2D)
        : y;
    },
  }),

  weights: (frozen) => frozen,
};

function activation({ activation }: Adapter, x: tf.Tensor): tf.Tensor {
  if (activation === 'relu') return tf.relu(x);
  return activation === 'gelu' ? gelu(x, 'erf') : tf.mul(x, tf.sigmoid(x));
}

/** Drawn again outside two deviations. */
function truncatedNormal(random: HostRandom): number {
  for (;;) {
    const value = random.normal();
    if (Math.abs(value) <= 2) return value;
  }
}

function sitesOf({ kind }: Adapter, model: Model): string[] {
  const { sublayers } = model.modules;
  return sublayers.filter((s) => kind === 'houlsby' || s.kind === 'feed-forward').map((s) => s.name);
}

function normsOf({ kind, trainNorms }: Adapter, model: Model): string[] {
  return (trainNorms ?? kind === 'houlsby') ? model.modules.norms : [];
}

function adapterShapes(config: Adapter, model: Model): Shapes<'bottleneck'> {
  const [m, d] = [sizedBy('bottleneck', config.bottleneck), model.dModel];
  return Object.fromEntries(
    sitesOf(config, model).flatMap((site): [string, Shapes<'bottleneck'>[string]][] => [
      [`${site}.down.weight`, [m, d]],
      [`${site}.down.bias`, [m]],
      [`${site}.up.weight`, [d, m]],
      [`${site}.up.bias`, [d]],
    ]),
  );
}
