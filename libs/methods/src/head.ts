import * as tf from '@tensorflow/tfjs';
import type { HeadOnly } from '#contracts/method.js';
import { batchedLinear } from '#engine/ops/linear.js';
import type { MethodImplementation } from './method.js';

/** A linear classifier on the pooled final states of a frozen backbone, from zero. Parameters: dModel x classes + classes. */
export const headOnly: MethodImplementation<HeadOnly> = {
  gangs: true,

  check() {},

  init: (_config, model, labels) => ({
    weight: tf.zeros([model.dModel, labels.words.length]),
    bias: tf.zeros([labels.words.length]),
  }),

  stack: (_configs, members) => ({
    parameters: { weight: tf.stack(members.map((m) => m['weight']!)), bias: tf.stack(members.map((m) => m['bias']!)) },
    constants: {},
  }),

  unstack: (_config, parameters, member) => ({
    weight: tf.tidy(() => tf.squeeze(tf.slice(parameters['weight']!, [member, 0, 0], [1, -1, -1]), [0])),
    bias: tf.tidy(() => tf.squeeze(tf.slice(parameters['bias']!, [member, 0], [1, -1]), [0])),
  }),

  adapt: ({ parameters, members }) => ({
    head(pooled) {
      const [rows, width] = pooled.shape;
      const weight = parameters['weight'] as tf.Tensor3D;
      const logits = batchedLinear(tf.reshape(pooled, [members, rows / members, width]), weight);
      return tf.reshape(tf.add(logits, tf.expandDims(parameters['bias']!, 1)), [rows, weight.shape[2]]);
    },
  }),

  weights: (frozen) => frozen,

  count: (_config, model, labels) => (model.dModel + 1) * labels.words.length,
};
