import * as tf from '@tensorflow/tfjs';
import { startEngine } from '#engine/native/start.js';
import type { Adaptation } from './adaptation.js';
import { atText, batchOf, fixtureFolder, gap, readFixture, type Reference } from './fixtures/reference.js';
import { loadModel } from './load-model.js';
import type { TokenBatch, Weights } from './batch.js';
import type { DecoderModel, Model } from './model.js';

beforeAll(() => startEngine({ threads: 2, device: 'cpu' }));

const families = ['bert', 'roberta', 'gpt2', 'llama', 't5-v1.1', 'bart'];

describe.each(families)('%s', (name) => {
  let model: Model;
  let batch: TokenBatch;
  beforeAll(async () => {
    model = await loadModel(fixtureFolder(name));
    batch = batchOf(readFixture<Reference>(`${name}/expected.json`));
  });
  afterAll(() => model.dispose());

  it.each([1, 2])('goes on from the states in front of layer %i, and computes nothing below it', (layer) => {
    const broken = withoutLayersBelow(model, layer);
    const [whole, continued, recomputed] = tf.tidy(() => {
      const texts = (weights: Weights, adaptation?: Adaptation) =>
        atText(model.encode(weights, batch, adaptation).states, batch.mask);
      const { states } = model.encode(model.weights, batch, { end: layer });
      // whatever stands at padding
      const padded = tf.mul(states, tf.expandDims(batch.mask, 2)) as tf.Tensor3D;
      const begin = { layer, states: padded };
      return [texts(model.weights), texts(broken, { begin }), texts(broken)] as [
        tf.Tensor2D,
        tf.Tensor2D,
        tf.Tensor2D,
      ];
    });
    expect(gap(continued, Array.from(whole.dataSync()))).toBeLessThan(1e-5);
    expect(recomputed.dataSync().some(Number.isNaN)).toBe(true);
    tf.dispose([whole, continued, recomputed, ...Object.values(broken)]);
  });
});

it('lets no token follow a text whose lower layers are left out', async () => {
  const model = (await loadModel(fixtureFolder('gpt2'))) as DecoderModel;
  const batch = batchOf(readFixture<Reference>('gpt2/expected.json'));
  const begin = { layer: 1, states: tf.zeros([...batch.ids.shape, model.dModel]) as tf.Tensor3D };
  tf.tidy(() => {
    const { past } = model.read(model.weights, batch, { begin });
    expect(() => model.follow(model.weights, batch, past, { begin })).toThrow('no token can follow');
    expect(() => model.writing.begin(model.weights, batch, { begin })).toThrow('no token can follow');
  });
  model.dispose();
});

/** The weights with NaN in the embeddings and the first layers of the stack that reads the text; copies,
 *  which the caller frees. */
function withoutLayersBelow({ weights, modules }: Model, layer: number): Weights {
  const [{ stack }] = modules.linears as [Model['modules']['linears'][number]];
  const below = modules.linears
    .filter((m) => m.stack === stack && m.layer < layer)
    .map((m) => `${m.name}.weight`);
  const words = Object.keys(weights).filter((n) => /word_embeddings|wte|embed_tokens|shared\.weight/.test(n));
  const broken = (name: string) => below.includes(name) || words.includes(name);
  return Object.fromEntries(
    Object.entries(weights).map(([n, w]) => [n, broken(n) ? tf.fill(w.shape, NaN) : tf.clone(w)]),
  );
}
