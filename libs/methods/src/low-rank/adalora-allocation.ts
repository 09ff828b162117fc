/** How AdaLoRA moves its budget between maps (Zhang et al. 2023 §3.2 and §3.3), inside the step. */
import * as tf from '@tensorflow/tfjs';
import type { AdaLora } from '#contracts/methods/adalora.js';
import type { AfterStep, Parameters, Pass } from '../method.js';

/** |P^T P - I|² + |Q Q^T - I|² summed over the maps, [G]. ownRanks [G, r] is 0 where a rank is padding. The
 *  authors' code and Hugging Face peft take the mean of unsquared Frobenius norms. */
export function orthogonality(parameters: Parameters, ownRanks: tf.Tensor2D): tf.Tensor1D {
  const identity = tf.mul(tf.eye(ownRanks.shape[1]), tf.expandDims(ownRanks, 1)); // [G, r, r]
  const parts = Object.entries(parameters).flatMap(([name, t]) => {
    if (name.endsWith('.lora_E')) return [];
    const product = name.endsWith('.lora_A.weight')
      ? tf.matMul(t, t, false, true)
      : tf.matMul(t, t, true, false);
    return [tf.sum(tf.square(tf.sub(product, identity)), [1, 2])];
  });
  return tf.addN(parts) as tf.Tensor1D;
}

/** Running means of every scalar's sensitivity |w g| and of how much it varies (equations 9 and 10). They
 *  rest once the budget is settled. */
export function importance(
  { config, parameters }: Pass<AdaLora>,
  { gradients, state, step, steps }: AfterStep,
): Parameters {
  const { beta1, beta2 } = config;
  const moving = tf.cast(tf.less(step, tf.sub(steps, config.final)), 'float32');
  const kept = (old: tf.Tensor, next: tf.Tensor) => tf.add(old, tf.mul(moving, tf.sub(next, old)));
  return Object.fromEntries(
    Object.entries(parameters).flatMap(([name, t]) => {
      const [mean, spread] = [state[`${name}.importance`]!, state[`${name}.uncertainty`]!];
      const now = tf.abs(tf.mul(t, gradients[name]!));
      const nextMean = tf.add(tf.mul(beta1, mean), tf.mul(1 - beta1, now));
      const nextSpread = tf.add(tf.mul(beta2, spread), tf.mul(1 - beta2, tf.abs(tf.sub(now, nextMean))));
      return [
        [`${name}.importance`, kept(mean, nextMean)],
        [`${name}.uncertainty`, kept(spread, nextSpread)],
      ];
    }),
  );
}

/** The parameters with the lambdas beyond the budget set to zero. A triplet counts with its lambda's score
 *  and the mean ones of its row of Q and column of P (equation 8 of §3.2). */
export function allocated(pass: Pass<AdaLora>, state: Parameters, { step, steps }: AfterStep): Parameters {
  const { parameters } = pass;
  const sizes = Object.keys(parameters).filter((name) => name.endsWith('.lora_E'));
  const score = (name: string) => tf.mul(state[`${name}.importance`]!, state[`${name}.uncertainty`]!);
  const scores = sizes.map((name) => {
    const [a, b] = ['A', 'B'].map((part) => name.replace('.lora_E', `.lora_${part}.weight`)) as [
      string,
      string,
    ];
    return tf.addN([tf.squeeze(score(name), [2]), tf.mean(score(a), 2), tf.mean(score(b), 1)]); // [G, r]
  });
  const kept = tf.split(keeps(pass, tf.concat(scores, 1) as tf.Tensor2D, step, steps), sizes.length, 1);
  const cut = sizes.map((name, i) => [name, tf.mul(parameters[name]!, tf.expandDims(kept[i]!, 2))]);
  return { ...parameters, ...Object.fromEntries(cut) };
}

/** 1 for the lambdas that stay, [G, N]: those with as many or more below them than there are beyond the
 *  budget. Everything stays before the warm-up's end and between two allocations. */
function keeps(pass: Pass<AdaLora>, scores: tf.Tensor2D, step: tf.Scalar, steps: tf.Scalar): tf.Tensor {
  const { config, constants } = pass;
  const all = scores.shape[1];
  const maps = all / constants['ownRanks']!.shape[1]!;
  const [first, target] = [tf.mul(constants['ranks']!, maps), tf.mul(constants['targetRanks']!, maps)];
  const span = tf.maximum(tf.sub(steps, config.warmup + config.final), 1);
  const left = tf.sub(1, tf.clipByValue(tf.div(tf.sub(step, config.warmup), span), 0, 1));
  const budget = tf.floor(tf.add(target, tf.mul(tf.sub(first, target), tf.pow(left, 3)))); // [G]
  // [G, N]
  const below = tf.sum(tf.cast(tf.greater(tf.expandDims(scores, 2), tf.expandDims(scores, 1)), 'float32'), 2);
  const chosen = tf.greaterEqual(below, tf.expandDims(tf.sub(all, budget), 1));
  const settled = tf.greaterEqual(step, tf.sub(steps, config.final));
  const due = tf.logicalOr(settled, tf.equal(tf.mod(step, config.every), 0));
  const resting = tf.logicalNot(tf.logicalAnd(due, tf.greater(step, config.warmup)));
  return tf.maximum(tf.cast(chosen, 'float32'), tf.cast(resting, 'float32'));
}
