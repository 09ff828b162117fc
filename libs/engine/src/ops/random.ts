import * as tf from '@tensorflow/tfjs';
import { isNative, nativeBackend } from '../backend.js';
import { AttrType, DataType } from '../c-api.js';
import { HostRandom } from '../host-random.js';

const uint64 = 23; // of TF_DataType; tfjs has no tensors of it, so these never become any
const philox = 1; // of tensorflow's random::Algorithm

/** Uniform numbers in [0, 1), a pure function of what names them: `seed` int32 [2] (a trial's seed and the step, say), an argument of
 *  the step, and `site`, which tells the draws of one step apart. Counter-based (Philox, Salmon et al. 2011), so nothing has to be
 *  stored for a resume. The JavaScript backend draws other numbers, as reproducibly. */
export function randomUniform(shape: number[], seed: tf.Tensor1D, site: number): tf.Tensor {
  return isNative() ? onDevice(shape, seed, site) : inJavaScript(shape, seed, site);
}

function onDevice(shape: number[], seed: tf.Tensor1D, site: number): tf.Tensor {
  const backend = nativeBackend();
  const { native } = backend;
  const [first, second] = tf.split(seed, 2);
  const zero = tf.tensor1d([0], 'int32');
  const words = (...parts: tf.Tensor[]) => {
    const pairs = tf.reshape(tf.concat(parts), [parts.length / 2, 2]);
    const attrs = [type('T', DataType.int32), type('type', uint64)];
    return native.executeOp('Bitcast', attrs, backend.ids([pairs]), 1)[0]!.id;
  };
  const key = words(tf.tensor1d([site], 'int32'), first!);
  const counter = words(zero, zero, second!, zero); // its low half is what the drawing counts up
  const rest = backend.ids([tf.tensor1d([philox], 'int32').reshape([]), tf.tensor1d(shape, 'int32')]);
  const attrs = [type('dtype', DataType.int32), type('Tshape', DataType.int32)];
  const inputs = [rest[1]!, key, counter, rest[0]!];
  const [bits] = native.executeOp('StatelessRandomUniformFullIntV2', attrs, inputs, 1);
  native.deleteTensor(key);
  native.deleteTensor(counter);
  // TensorFlow and XLA make floats out of the same bits differently, so that is done here.
  return tf.div(tf.cast(tf.mod(backend.tensorOf(bits!), 2 ** 24), 'float32'), 2 ** 24);
}

const type = (name: string, value: number) => ({ name, type: AttrType.type, value });

function inJavaScript(shape: number[], seed: tf.Tensor1D, site: number): tf.Tensor {
  const [first, second] = seed.dataSync();
  const random = new HostRandom(first!, `step ${second} site ${site}`);
  const size = shape.reduce((a, b) => a * b, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, () => random.uniform()),
    shape,
  );
}
