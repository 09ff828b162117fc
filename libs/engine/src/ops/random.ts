import * as tf from '@tensorflow/tfjs';
import { isNative, nativeBackend } from '../native/backend.js';
import { AttrType, DataType } from '../native/c-api.js';
import { HostRandom } from '../host-random.js';

const uint64 = 23; // of TF_DataType; tfjs has no tensors of it, so these never become any
const philox = 1; // of tensorflow's random::Algorithm
const perCounter = 4; // numbers of Philox

/** Uniform int32 of all 32 bits, a pure function of what names them: `seed` int32 [2] (a trial's seed and the
 *  step, say), an argument of the step, and `site`, which tells the draws of one step apart. Counter-based
 *  (Philox, Salmon et al. 2011), so nothing has to be stored for a resume, and a part of the numbers is drawn
 *  as fast as if it were all: they are those from the `from`th on. The JavaScript backend draws other
 *  numbers, as reproducibly. */
export function randomBits(shape: number[], seed: tf.Tensor1D, site: number, from = 0): tf.Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  return tf.reshape((isNative() ? onDevice : inJavaScript)(size, seed, site, from), shape);
}

function onDevice(size: number, seed: tf.Tensor1D, site: number, from: number): tf.Tensor {
  const ahead = from % perCounter; // drawn with the first of them, and dropped
  const backend = nativeBackend();
  const { native } = backend;
  const [first, second] = tf.split(seed, 2);
  const [low, zero] = [(from - ahead) / perCounter, 0].map((n) => tf.tensor1d([n], 'int32')) as [
    tf.Tensor,
    tf.Tensor,
  ];
  const words = (...parts: tf.Tensor[]) => {
    const pairs = tf.reshape(tf.concat(parts), [parts.length / 2, 2]);
    const attrs = [type('T', DataType.int32), type('type', uint64)];
    return native.executeOp('Bitcast', attrs, backend.ids([pairs]), 1)[0]!.id;
  };
  const key = words(tf.tensor1d([site], 'int32'), first!);
  const counter = words(low, zero, second!, zero); // its low half is what the drawing counts up
  const rest = backend.ids([
    tf.tensor1d([philox], 'int32').reshape([]),
    tf.tensor1d([ahead + size], 'int32'),
  ]);
  const attrs = [type('dtype', DataType.int32), type('Tshape', DataType.int32)];
  const inputs = [rest[1]!, key, counter, rest[0]!];
  const [bits] = native.executeOp('StatelessRandomUniformFullIntV2', attrs, inputs, 1);
  native.deleteTensor(key);
  native.deleteTensor(counter);
  return tf.slice(backend.tensorOf(bits!), [ahead], [size]);
}

const type = (name: string, value: number) => ({ name, type: AttrType.type, value });

function inJavaScript(size: number, seed: tf.Tensor1D, site: number, from: number): tf.Tensor {
  const [first, second] = seed.dataSync();
  const random = new HostRandom(first!, `step ${second} site ${site}`);
  for (let i = 0; i < from; i++) random.uniform();
  return tf.tensor1d(
    Int32Array.from({ length: size }, () => Math.floor(random.uniform() * 2 ** 32) - 2 ** 31),
    'int32',
  );
}
