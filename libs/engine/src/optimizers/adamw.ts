import * as tf from '@tensorflow/tfjs';
import type { z } from 'zod';
import type { AdamW } from '#contracts/optimizer.js';
import type { Tensors } from '../step/step.js';
import { adamWInPlace } from './adamw-in-place.js';
import type { OptimizerRule } from './rule.js';
import { perMember } from './per-member.js';

/** Adam with decoupled weight decay, as torch.optim.AdamW computes it (Loshchilov & Hutter 2019, algorithm
 *  2). */
export function adamW(config: z.infer<typeof AdamW>): OptimizerRule {
  const { epsilon, weightDecay } = config;
  // so that 1 - beta is of the beta that float32 has
  const [beta1, beta2] = [config.beta1, config.beta2].map(Math.fround) as [number, number];
  return {
    elementwise: true,
    changeInPlace: adamWInPlace(config),
    init: (parameters) =>
      Object.fromEntries(
        Object.entries(parameters).flatMap(([name, p]) => [
          [`${name}.mean`, tf.zerosLike(p)],
          [`${name}.square`, tf.zerosLike(p)],
        ]),
      ),
    update(parameters, gradients, state, learningRate, step) {
      const correction1 = tf.sub(1, tf.pow(beta1, step));
      const correction2 = tf.sqrt(tf.sub(1, tf.pow(beta2, step)));
      const next: { parameters: Tensors; state: Tensors } = { parameters: {}, state: {} };
      for (const [name, p] of Object.entries(parameters)) {
        const g = gradients[name]!;
        const rate = perMember(learningRate, p.rank);
        const mean = tf.add(tf.mul(state[`${name}.mean`]!, beta1), tf.mul(g, 1 - beta1));
        const square = tf.add(tf.mul(state[`${name}.square`]!, beta2), tf.mul(tf.square(g), 1 - beta2));
        const denominator = tf.add(tf.div(tf.sqrt(square), correction2), epsilon);
        const decayed = weightDecay === 0 ? p : tf.mul(p, tf.sub(1, tf.mul(rate, weightDecay)));
        next.parameters[name] = tf.sub(decayed, tf.div(tf.mul(tf.div(rate, correction1), mean), denominator));
        next.state[`${name}.mean`] = mean;
        next.state[`${name}.square`] = square;
      }
      return next;
    },
  };
}
