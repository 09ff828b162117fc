import * as tf from '@tensorflow/tfjs';
import type { z } from 'zod';
import type { Sgd } from '#contracts/optimizer.js';
import type { Tensors } from '../step/step.js';
import type { OptimizerRule } from './rule.js';
import { perMember } from './per-member.js';

/** Gradient descent with heavy-ball momentum and coupled weight decay, as torch.optim.SGD computes it. */
export function sgd({ momentum, weightDecay }: z.infer<typeof Sgd>): OptimizerRule {
  return {
    elementwise: true,
    init: (parameters) =>
      momentum === 0
        ? {}
        : Object.fromEntries(
            Object.entries(parameters).map(([name, p]) => [`${name}.velocity`, tf.zerosLike(p)]),
          ),
    update(parameters, gradients, state, learningRate) {
      const next: { parameters: Tensors; state: Tensors } = { parameters: {}, state: {} };
      for (const [name, p] of Object.entries(parameters)) {
        const g = weightDecay === 0 ? gradients[name]! : tf.add(gradients[name]!, tf.mul(p, weightDecay));
        const velocity = momentum === 0 ? g : tf.add(tf.mul(state[`${name}.velocity`]!, momentum), g);
        if (momentum !== 0) next.state[`${name}.velocity`] = velocity;
        next.parameters[name] = tf.sub(p, tf.mul(perMember(learningRate, p.rank), velocity));
      }
      return next;
    },
  };
}
