import * as tf from '@tensorflow/tfjs';
import { startEngine } from '../native/start.js';
import { bitFields } from './bit-fields.js';

tf.env().set('PROD', true); // else tfjs's JavaScript backend advertises the native one

const words = [0, 1, -1, 0x12345678, -0x12345678, 2 ** 31 - 1, -(2 ** 31)];

describe.each(['cpu', 'tensorflow'])('on %s', (backend) => {
  beforeAll(async () => {
    await startEngine({ threads: 2, device: 'cpu' });
    await tf.setBackend(backend);
  });

  it.each([4, 8, 16])('takes words apart into fields of %i bits', (width) => {
    const fields = words.flatMap((word) =>
      Array.from({ length: 32 / width }, (_, i) => (word >>> (i * width)) & (2 ** width - 1)),
    );
    const found = bitFields(tf.tensor1d(words, 'int32'), width);
    expect(found.shape).toEqual([words.length, 32 / width]);
    expect(Array.from(found.dataSync())).toEqual(fields);
  });
});
