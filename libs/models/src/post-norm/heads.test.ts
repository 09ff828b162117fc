import * as tf from '@tensorflow/tfjs';
import { softmaxCrossEntropy } from '#engine/ops/softmax-cross-entropy.js';
import { startEngine } from '#engine/native/start.js';
import type { Adaptation } from '../adaptation.js';
import {
  atText,
  batchOf,
  type BothSides,
  fixtureFolder,
  gap,
  gradientGaps,
  leftOf,
} from '../fixtures/reference.js';
import { promptInFront, readFixture } from '../fixtures/reference.js';
import { loadModel } from '../load-model.js';
import type { TokenBatch, Weights } from '../batch.js';
import type { EncoderModel } from '../model.js';

type Heads = BothSides & { types: number[][]; pooler?: number[] };

const cases = ['cpu', 'tensorflow'].flatMap((backend) =>
  ['bert-heads', 'roberta', 'mpnet'].map((name) => ({ backend, name })),
);

describe.each(cases)('$name on the $backend backend', ({ backend, name }) => {
  const expected = readFixture<Heads>(`${name}/expected.json`);
  let model: EncoderModel;
  let batch: TokenBatch;
  const logits = (weights: Weights, tokens: TokenBatch, adaptation?: Adaptation) =>
    model.maskLogits!(weights, model.encode(weights, tokens, adaptation), tokens, adaptation);
  const textLogits = (tokens: TokenBatch, adaptation?: Adaptation) =>
    tf.tidy(() => atText(logits(model.weights, tokens, adaptation), tokens.mask));

  beforeAll(async () => {
    await startEngine({ threads: 2, device: 'cpu' });
    await tf.setBackend(backend);
    model = (await loadModel(fixtureFolder(name))) as EncoderModel;
    batch = { ...batchOf(expected), types: tf.tensor2d(expected.types, undefined, 'int32') };
  });
  afterAll(() => model.dispose());

  it("has transformers' masked-language-model logits, with token types, padded on either side", () => {
    expect(gap(textLogits(batch), expected.logits)).toBeLessThan(1e-4);
    expect(gap(textLogits(leftOf(expected)), expected.logitsLeft)).toBeLessThan(1e-4);
  });

  it("has transformers' gradients", () => {
    const labels = expected.ids.flatMap((row, n) => row.map((id, t) => (expected.mask[n]![t] ? id : -100)));
    const counted = labels.filter((label) => label >= 0).length;
    const loss = (weights: Weights) => {
      const rows = tf.reshape(logits(weights, batch), [labels.length, -1]) as tf.Tensor2D;
      return tf.div(tf.sum(softmaxCrossEntropy(rows, tf.tensor1d(labels, 'int32'))), counted) as tf.Scalar;
    };
    const bare = (n: string) => n.replace(/^(bert|roberta|mpnet)\./, '');
    const gradients = Object.fromEntries(Object.entries(expected.gradients).map(([n, g]) => [bare(n), g]));
    const gaps = gradientGaps(model, loss, { ...expected, gradients });
    expect(gaps.loss).toBeLessThan(1e-4);
    expect(gaps.gradients).toBeLessThan(1e-4);
  });

  it('pools the first token', () => {
    if (!expected.pooler) return expect(model.pooler).toBeUndefined();
    const pooled = tf.tidy(() => model.pooler!(model.weights, model.encode(model.weights, batch), batch));
    expect(gap(pooled, expected.pooler)).toBeLessThan(1e-4);
  });

  it('gives virtual tokens the first positions', () => {
    const untyped = { ids: batch.ids, mask: batch.mask };
    expect(gap(textLogits(untyped, promptInFront(expected.prompt)), expected.prompted)).toBeLessThan(1e-4);
  });

  it('is as it was under virtual tokens that are masked out', () => {
    const nothing: Adaptation = {
      embeddings: ({ states, mask }) => ({
        states: tf.concat([tf.ones([3, 2, 16]), states], 1),
        mask: tf.concat([tf.zeros([3, 2]), mask], 1) as tf.Tensor2D,
      }),
    };
    expect(gap(textLogits(batch, nothing), expected.logits)).toBeLessThan(1e-4);
  });

  it('shows the head to the hooks, by name', () => {
    const names: string[] = [];
    const norms: string[] = [];
    textLogits(batch, { linear: (n, _x, y) => (names.push(n), y), norm: (n, y) => (norms.push(n), y) });
    const [dense, decoder, norm] =
      name === 'bert-heads'
        ? [
            'cls.predictions.transform.dense',
            'cls.predictions.decoder',
            'cls.predictions.transform.LayerNorm',
          ]
        : ['lm_head.dense', 'lm_head.decoder', 'lm_head.layer_norm'];
    expect(names.slice(-2)).toEqual([dense, decoder]);
    expect(norms.at(-1)).toBe(norm);
  });
});
