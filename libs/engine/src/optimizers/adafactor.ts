import * as tf from '@tensorflow/tfjs';
import type { z } from 'zod';
import type { Adafactor } from '#contracts/optimizer.js';
import type { Tensors } from '../step/step.js';
import type { OptimizerRule } from './rule.js';
import { ownAxes, perMember } from './per-member.js';

const epsilon1 = 1e-30; // added to squared gradients
const epsilon2 = 1e-3; // smallest RMS that parameter scaling sees

type Config = z.infer<typeof Adafactor>;

/** Adafactor (Shazeer & Stern 2018, algorithm 4) with an outer learning rate, as Lester et al. 2021 ran it:
 *  second moment factored over the last two axes of matrices, beta2 = 1 - t^-decayRate, updates clipped to an
 *  RMS of `clipThreshold`, no momentum. */
export function adafactor(config: Config): OptimizerRule {
  return {
    elementwise: false,
    init: (parameters) =>
      Object.fromEntries(Object.entries(parameters).flatMap(([name, p]) => Object.entries(initial(name, p)))),
    update(parameters, gradients, state, learningRate, step) {
      const beta2 = tf.sub(1, tf.pow(step, -config.decayRate)) as tf.Scalar;
      const next: { parameters: Tensors; state: Tensors } = { parameters: {}, state: {} };
      for (const [name, p] of Object.entries(parameters)) {
        const rate = perMember(learningRate, p.rank);
        const direction = normalized(name, gradients[name]!, state, beta2, next.state);
        const clipped = tf.div(direction, tf.maximum(1, tf.div(rms(direction), config.clipThreshold)));
        const scaled = config.parameterScaling ? tf.mul(clipped, tf.maximum(epsilon2, rms(p))) : clipped;
        const decayed = config.weightDecay === 0 ? p : tf.mul(p, tf.sub(1, tf.mul(rate, config.weightDecay)));
        next.parameters[name] = tf.sub(decayed, tf.mul(rate, scaled));
      }
      return next;
    },
  };
}

/** Matrices (after the member axis) keep row and column means of the squared gradient, vectors the whole. */
function initial(name: string, p: tf.Tensor): Tensors {
  if (p.rank < 3) return { [`${name}.square`]: tf.zerosLike(p) };
  return {
    [`${name}.rows`]: tf.zeros(p.shape.slice(0, -1)),
    [`${name}.columns`]: tf.zeros([...p.shape.slice(0, -2), p.shape.at(-1)!]),
  };
}

/** The gradient over the square root of its running second moment; the new moment is put into `next`. */
function normalized(name: string, g: tf.Tensor, state: Tensors, beta2: tf.Scalar, next: Tensors): tf.Tensor {
  const squared = tf.add(tf.square(g), epsilon1);
  const moving = (key: string, value: tf.Tensor) => {
    const moved = tf.add(tf.mul(beta2, state[key]!), tf.mul(tf.sub(1, beta2), value));
    next[key] = moved;
    return moved;
  };
  if (g.rank < 3) return tf.mul(g, tf.rsqrt(moving(`${name}.square`, squared)));
  const rows = moving(`${name}.rows`, tf.mean(squared, -1));
  const columns = moving(`${name}.columns`, tf.mean(squared, -2));
  const rowFactor = tf.rsqrt(tf.div(rows, tf.mean(rows, -1, true)));
  return tf.mul(tf.mul(g, tf.expandDims(rowFactor, -1)), tf.expandDims(tf.rsqrt(columns), -2));
}

/** Root mean square of each member's own values, shaped to broadcast. */
function rms(x: tf.Tensor): tf.Tensor {
  return tf.sqrt(tf.mean(tf.square(x), ownAxes(x), true));
}
