import * as tf from '@tensorflow/tfjs';
import { isNative, nativeBackend } from '../native/backend.js';
import { AttrType, DataType } from '../native/c-api.js';

/** The fields of `width` bits (a divisor of 32, below it) of words int32 [n], lowest first -> int32 [n, 32 /
 *  width]. */
export function bitFields(words: tf.Tensor, width: number): tf.Tensor2D {
  const count = 32 / width;
  return (isNative() ? onDevice(words, width, count) : inJavaScript(words, width, count)) as tf.Tensor2D;
}

function onDevice(words: tf.Tensor, width: number, count: number): tf.Tensor {
  const op = (name: string, a: tf.Tensor, b: tf.Tensor) =>
    nativeBackend().executeSingleOutput(
      name,
      [{ name: 'T', type: AttrType.type, value: DataType.int32 }],
      [a, b],
    );
  const shifts = Array.from({ length: count }, (_, i) => i * width);
  const shifted = op('RightShift', tf.reshape(words, [-1, 1]), tf.tensor2d(shifts, [1, count], 'int32'));
  return op('BitwiseAnd', shifted, tf.scalar(2 ** width - 1, 'int32'));
}

/** Rounding down makes the sign of two's complement right. */
function inJavaScript(words: tf.Tensor, width: number, count: number): tf.Tensor {
  const fields = Array.from({ length: count }, (_, i) =>
    tf.mod(tf.floorDiv(words, tf.scalar(2 ** (i * width), 'int32')), tf.scalar(2 ** width, 'int32')),
  );
  return tf.cast(tf.stack(fields, 1), 'int32');
}
