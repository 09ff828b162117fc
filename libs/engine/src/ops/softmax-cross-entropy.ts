import * as tf from '@tensorflow/tfjs';
import { isNative, nativeBackend } from '../backend.js';
import { AttrType, DataType } from '../c-api.js';
import { differentiable } from './differentiable.js';

/** -log softmax(logits)[label] a row: logits [M, V], labels int32 [M] -> [M]. Rows labelled `ignoreIndex` give 0 and no gradient. */
export function softmaxCrossEntropy(logits: tf.Tensor2D, labels: tf.Tensor1D, ignoreIndex = -100): tf.Tensor1D {
  const counted = tf.cast(tf.notEqual(labels, ignoreIndex), 'float32');
  const safe = tf.mul(labels, tf.cast(counted, 'int32')) as tf.Tensor1D;
  const loss = differentiable(
    { logits },
    (save) => {
      const [perRow, gradient] = isNative() ? fused(logits, safe) : composed(logits, safe);
      save([gradient]);
      return perRow;
    },
    (dy, [gradient]) => ({ logits: () => tf.mul(tf.expandDims(dy, 1), gradient!) }),
  );
  return tf.mul(loss, counted);
}

/** Loss and its gradient by the logits in one native op. */
function fused(logits: tf.Tensor2D, labels: tf.Tensor1D): [tf.Tensor, tf.Tensor] {
  const attrs = [
    { name: 'T', type: AttrType.type, value: DataType.float },
    { name: 'Tlabels', type: AttrType.type, value: DataType.int32 },
  ];
  const [loss, gradient] = nativeBackend().executeMultipleOutputs(
    'SparseSoftmaxCrossEntropyWithLogits',
    attrs,
    [logits, labels],
    2,
  );
  return [loss!, gradient!];
}

function composed(logits: tf.Tensor2D, labels: tf.Tensor1D): [tf.Tensor, tf.Tensor] {
  const logProbabilities = tf.logSoftmax(logits);
  const oneHot = tf.oneHot(labels, logits.shape[1], 1, 0, 'float32');
  return [tf.neg(tf.sum(tf.mul(logProbabilities, oneHot), 1)), tf.sub(tf.exp(logProbabilities), oneHot)];
}
