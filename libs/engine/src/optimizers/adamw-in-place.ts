import * as tf from '@tensorflow/tfjs';
import type { z } from 'zod';
import type { AdamW } from '#contracts/optimizer.js';
import { AttrType, DataType } from '../native/c-api.js';
import { changed, late } from './in-place.js';
import type { ChangeInPlace } from './rule.js';

/** adamW by the op that TensorFlow has for variables: one pass over parameter, gradient and statistics,
 *  behind one for the decay. That pass writes a new value, since ops that would scale a variable in place
 *  (ResourceScatterMul) make every later reading of it a copy. TensorFlow's Adam adds epsilon to the root of
 *  the square as it is, torch's to the corrected one, so it is given a smaller epsilon. */
export function adamWInPlace({ beta1, beta2, epsilon, weightDecay }: z.infer<typeof AdamW>): ChangeInPlace {
  return (parameters, gradients, state, learningRate, step) => {
    const [parameter, gradient] = [parameters['0']!, gradients['0']!];
    const rate = tf.squeeze(learningRate);
    const [power1, power2] = [tf.pow(beta1, step), tf.pow(beta2, step)];
    const smaller = tf.mul(tf.sqrt(tf.sub(1, power2)), epsilon);
    const kept = tf.sub(1, tf.mul(rate, weightDecay));
    const decayed = () =>
      changed('AssignVariableOp', assign, [parameter], [late(gradient, () => tf.mul(parameter, kept))])[0]!;
    const variables = [weightDecay === 0 ? parameter : decayed(), state['0.mean']!, state['0.square']!];
    const scalars = [power1, power2, rate, tf.scalar(beta1), tf.scalar(beta2), smaller];
    const [moved, mean, square] = changed('ResourceApplyAdam', apply, variables, [...scalars, gradient]);
    return { parameters: { 0: moved! }, state: { '0.mean': mean!, '0.square': square! } };
  };
}

const typed = (name: string, value: number) => ({ name, type: AttrType.type, value });
const off = (name: string) => ({ name, type: AttrType.bool, value: false });

const apply = [typed('T', DataType.float), off('use_locking'), off('use_nesterov')];
const assign = [typed('dtype', DataType.float)];
