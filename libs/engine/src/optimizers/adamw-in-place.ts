import * as tf from '@tensorflow/tfjs';
import type { z } from 'zod';
import type { AdamW } from '#contracts/optimizer.js';
import { AttrType, DataType } from '../c-api.js';
import { type ChangeInPlace, changed } from './in-place.js';

/** adamW by the ops that TensorFlow has for variables: one pass over parameter, gradient and statistics, and one over the parameter for its
 *  decay. TensorFlow's Adam adds epsilon to the root of the square as it is, torch's to the corrected one, so it is given a smaller epsilon. */
export function adamWInPlace({ beta1, beta2, epsilon, weightDecay }: z.infer<typeof AdamW>): ChangeInPlace {
  return (parameters, gradients, state, learningRate, step) => {
    const rate = tf.squeeze(learningRate);
    const [power1, power2] = [tf.pow(beta1, step), tf.pow(beta2, step)];
    const smaller = tf.mul(tf.sqrt(tf.sub(1, power2)), epsilon);
    const kept = tf.sub(1, tf.mul(rate, weightDecay));
    const member = tf.tensor1d([0], 'int32');
    const [decayed] =
      weightDecay === 0 ? [parameters['0']!] : changed('ResourceScatterMul', scatter, [parameters['0']!], [member, kept]);
    const scalars = [power1, power2, rate, tf.scalar(beta1), tf.scalar(beta2), smaller];
    const variables = [decayed!, state['0.mean']!, state['0.square']!];
    const [parameter, mean, square] = changed('ResourceApplyAdam', apply, variables, [...scalars, gradients['0']!]);
    return { parameters: { 0: parameter! }, state: { '0.mean': mean!, '0.square': square! } };
  };
}

const typed = (name: string, value: number) => ({ name, type: AttrType.type, value });
const off = (name: string) => ({ name, type: AttrType.bool, value: false });

const apply = [typed('T', DataType.float), off('use_locking'), off('use_nesterov')];
const scatter = [typed('dtype', DataType.float), typed('Tindices', DataType.int32)];
