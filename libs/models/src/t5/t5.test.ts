import * as tf from '@tensorflow/tfjs';
import { softmaxCrossEntropy } from '#engine/ops/softmax-cross-entropy.js';
import { startEngine } from '#engine/native/start.js';
import { Step } from '#engine/step/step.js';
import type { Adaptation } from '../adaptation.js';
import {
  batchOf,
  fixtureFolder,
  gap,
  gradientGaps,
  promptInFront,
  readFixture,
  type Reference,
} from '../fixtures/reference.js';
import { loadModel } from '../load-model.js';
import type { TokenBatch, Weights } from '../batch.js';
import type { EncoderDecoderModel } from '../model.js';

interface T5Reference extends Reference {
  decoderIds: number[][];
  labels: number[][];
  encoded: number[];
  logits: number[];
}

const cases = ['cpu', 'tensorflow'].flatMap((backend) =>
  ['t5-v1.0', 't5-v1.1'].map((name) => ({ backend, name })),
);

describe.each(cases)('$name on the $backend backend', ({ backend, name }) => {
  const expected = readFixture<T5Reference>(`${name}/expected.json`);
  let model: EncoderDecoderModel;
  let batch: TokenBatch;
  let decoderIds: tf.Tensor2D;
  const logits = (weights: Weights, adaptation?: Adaptation) =>
    model.decode(weights, model.encode(weights, batch, adaptation), decoderIds, adaptation);

  beforeAll(async () => {
    await startEngine({ threads: 2, device: 'cpu' });
    await tf.setBackend(backend);
    model = (await loadModel(fixtureFolder(name))) as EncoderDecoderModel;
    batch = batchOf(expected);
    decoderIds = tf.tensor2d(expected.decoderIds, undefined, 'int32');
  });
  afterAll(() => model.dispose());

  it("has transformers' encoder states, padding included", () => {
    expect(
      gap(
        tf.tidy(() => model.encode(model.weights, batch).states),
        expected.encoded,
      ),
    ).toBeLessThan(1e-5);
  });

  it("has transformers' logits", () => {
    expect(
      gap(
        tf.tidy(() => logits(model.weights)),
        expected.logits,
      ),
    ).toBeLessThan(1e-4);
  });

  it("has transformers' gradients", () => {
    const labels = tf.tensor1d(expected.labels.flat(), 'int32');
    const counted = expected.labels.flat().filter((label) => label >= 0).length;
    const loss = (weights: Weights) => {
      const rows = tf.reshape(logits(weights), [labels.size, -1]) as tf.Tensor2D;
      return tf.div(tf.sum(softmaxCrossEntropy(rows, labels)), counted) as tf.Scalar;
    };
    const gaps = gradientGaps(model, loss, expected);
    expect(gaps.loss).toBeLessThan(1e-4);
    expect(gaps.gradients).toBeLessThan(1e-4);
  });

  it('lets encoder and cross attention see a prompt, which takes relative positions', () => {
    const adapted = tf.tidy(() => logits(model.weights, promptInFront(expected.prompt)));
    expect(gap(adapted, expected.prompted)).toBeLessThan(1e-4);
  });

  it('shows every linear map to its hook, by name', () => {
    const names = new Set<string>();
    tf.tidy(() => void logits(model.weights, { linear: (map, _x, y) => (names.add(map), y) }));
    const maps = Object.keys(model.weights).filter((w) =>
      /(\.(q|k|v|o|wi|wi_0|wi_1|wo)|lm_head)\.weight$/.test(w),
    );
    expect([...names].filter((n) => n !== 'lm_head').toSorted()).toEqual(
      maps
        .map((w) => w.replace('.weight', ''))
        .filter((n) => n !== 'lm_head')
        .toSorted(),
    );
    expect(names.has('lm_head')).toBe(true);
  });

  it('a prompt in front of the decoder changes its logits, not their number; a masked one changes relative positions only', () => {
    const inDecoder: Adaptation = {
      embeddings: (x, stack, ids) =>
        stack === 'decoder' ? promptInFront(expected.prompt).embeddings!(x, 'encoder', ids) : x,
    };
    const adapted = tf.tidy(() => logits(model.weights, inDecoder));
    expect(adapted.shape).toEqual([3, 4, model.vocabularySize]);
    expect(gap(adapted, expected.logits)).toBeGreaterThan(1e-2);
  });

  it('attends to a prefix in every attention, and not to a masked one', () => {
    const sites: string[] = [];
    const prefix = (on: number): Adaptation => ({
      keyValues: ({ stack, kind, layer }) => {
        sites.push(`${stack} ${kind} ${layer}`);
        return { keys: tf.ones([3, 2, 5, 6]), values: tf.ones([3, 2, 5, 6]), mask: tf.fill([3, 5], on) };
      },
    });
    expect(
      gap(
        tf.tidy(() => logits(model.weights, prefix(0))),
        expected.logits,
      ),
    ).toBeLessThan(1e-4);
    expect(new Set(sites).size).toBe(6);
    expect(
      gap(
        tf.tidy(() => logits(model.weights, prefix(1))),
        expected.logits,
      ),
    ).toBeGreaterThan(1e-2);
  });

  it('computes the same as a traced step', () => {
    const step = new Step('t5', ({ frozen, batch }) => {
      const encoded = model.encode(frozen, batch as unknown as TokenBatch);
      return {
        state: {},
        outputs: { logits: model.decode(frozen, encoded, batch['decoderIds'] as tf.Tensor2D) },
      };
    });
    const args = { constants: {}, state: {}, scalars: {}, frozen: { ...model.weights } };
    const { outputs } = step.run({ ...args, batch: { ...batch, decoderIds } });
    expect(gap(outputs['logits']!, expected.logits)).toBeLessThan(1e-4);
    step.dispose();
  });
});
