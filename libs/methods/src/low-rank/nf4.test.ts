import * as tf from '@tensorflow/tfjs';
import { HostRandom } from '#engine/host-random.js';
import { nativeBackend } from '#engine/native/backend.js';
import { inPrecision } from '#engine/native/precision.js';
import { startEngine } from '#engine/native/start.js';
import { narrowed as rounded } from '#engine/ops/fixtures/doubles.js';
import { gap } from '#models/fixtures/reference.js';
import { codebooks, dequantised, nf4Codes, quantised, scaleCodes } from './nf4.js';

/** The standard normal's distribution function, by its series. */
function normalCdf(x: number): number {
  let [term, sum] = [x, x];
  for (let k = 1; k < 200; k++) sum += term *= (x * x) / (2 * k + 1);
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}

describe('NF4', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it('has the quantiles of the normal distribution between -1 and 1 for codes', () => {
    const offset = 0.9677083; // of bitsandbytes: half way between 1 - 1/32 and 1 - 1/30
    const cut = (p: number) => {
      let [low, high] = [-6, 6];
      for (let i = 0; i < 60; i++)
        [low, high] = normalCdf((low + high) / 2) < p ? [(low + high) / 2, high] : [low, (low + high) / 2];
      return low;
    };
    const spread = (count: number) =>
      Array.from({ length: count }, (_, i) => cut(offset + ((0.5 - offset) * i) / count));
    const positive = spread(8);
    const negative = spread(7).map((v) => -v);
    const expected = [...negative, 0, ...positive].map((v) => v / positive[0]!).toSorted((a, b) => a - b);
    nf4Codes.forEach((code, i) => expect(code).toBeCloseTo(expected[i]!, 5));
    expect(scaleCodes).toHaveLength(256);
  });

  it.each([true, false])(
    'gives weights back to the nearest code in 4 bits and a little (doubly: %s)',
    (doubly) => {
      const random = new HostRandom(5, 'weights');
      const shape = [96, 130]; // no multiple of a block
      tf.tidy(() => {
        const weight = tf.tensor(
          Float32Array.from({ length: 96 * 130 }, () => 0.05 * random.normal()),
          shape,
        );
        const parts = quantised(weight, doubly);
        const again = dequantised(parts, codebooks(), shape);
        expect(again.shape).toEqual(shape);
        const values = weight.dataSync() as Float32Array;
        const largest = values.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
        // half the widest gap between codes, and the scales' error
        expect(gap(again, Array.from(values))).toBeLessThan(0.17 * largest);
        const error = Math.sqrt(tf.mean(tf.square(tf.sub(again, weight))).dataSync()[0]!);
        expect(error).toBeLessThan(0.1 * 0.05); // a tenth of a deviation
        const bytes = Object.values(parts).reduce((sum, t) => sum + t.size * 4, 0);
        expect((8 * bytes) / weight.size).toBeLessThan(doubly ? 4.25 : 4.51);
      });
    },
  );
});

it('makes weights in the precision of the step, to the bits that a product in it reads', async () => {
  await startEngine({ threads: 2, device: 'cpu' });
  const weight = tf.randomNormal([64, 130], 0, 0.05, 'float32', 3);
  const [parts, tables] = [quantised(weight, true), codebooks()];
  const wide = dequantised(parts, tables, weight.shape);
  const narrow = inPrecision('bfloat16', () => dequantised(parts, tables, weight.shape));
  expect([wide, narrow].map((w) => nativeBackend().isNarrow(w))).toEqual([false, true]);
  expect(Array.from(narrow.dataSync())).toEqual(Array.from(wide.dataSync(), rounded));
});
