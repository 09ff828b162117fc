/** Variants of config.json that change the computation, each held against what transformers makes of the same
 *  folder. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { batchOf, gap, readFixture } from './fixtures/reference.js';
import { makeVariant, type VariantOf } from './fixtures/variant-folder.js';
import { loadModel } from './load-model.js';
import type { Model } from './model.js';
import { saveModel } from './save-model.js';

interface Variant extends VariantOf {
  ids: number[];
  positions: number[];
  values: number[];
}

const home = mkdtempSync(join(tmpdir(), 'variants-'));
beforeAll(() => tf.setBackend('cpu'));
afterAll(() => rmSync(home, { recursive: true }));

it.each(readFixture<Variant[]>('variants.json'))(
  '$base with $change computes as in transformers',
  async (variant) => {
    const folder = join(home, 'folder');
    makeVariant(folder, variant);
    const model = await loadModel(folder);
    const values = tf.tidy(() => rows(outputOf(model, variant.ids), variant.positions));
    expect(gap(values, variant.values)).toBeLessThan(1e-4);
    const copy = join(home, 'copy');
    saveModel(copy, { config: model.config, weights: model.weights, tokenizerFolder: folder, dtype: 'F32' });
    const again = await loadModel(copy);
    expect([again.hash, again.kind, again.config]).toEqual([model.hash, model.kind, model.config]);
    again.dispose();
    tf.dispose(values);
    model.dispose();
  },
);

function outputOf(model: Model, row: number[]): tf.Tensor3D {
  const batch = batchOf({ ids: [row], mask: [row.map(() => 1)] });
  if (model.kind === 'decoder') return model.decode(model.weights, batch);
  const encoded = model.encode(model.weights, batch);
  if (model.kind === 'encoder') return model.maskLogits?.(model.weights, encoded, batch) ?? encoded.states;
  const decoderIds = tf.tensor2d([[model.decoderStartId, 5, 6, 7]], [1, 4], 'int32');
  return model.decode(model.weights, encoded, decoderIds);
}

function rows(x: tf.Tensor3D, positions: number[]): tf.Tensor {
  return tf.gather(tf.squeeze(x, [0]), tf.tensor1d(positions, 'int32'));
}
