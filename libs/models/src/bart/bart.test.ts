import * as tf from '@tensorflow/tfjs';
import { softmaxCrossEntropy } from '#engine/ops/softmax-cross-entropy.js';
import { startEngine } from '#engine/native/start.js';
import { Step } from '#engine/step/step.js';
import type { Adaptation } from '../adaptation.js';
import {
  atText,
  batchOf,
  type BothSides,
  fixtureFolder,
  gap,
  type Generations,
  gradientGaps,
} from '../fixtures/reference.js';
import { leftOf, promptInFront, readFixture } from '../fixtures/reference.js';
import { written } from '../fixtures/written.js';
import { loadModel } from '../load-model.js';
import type { TokenBatch, Weights } from '../batch.js';
import type { EncoderDecoderModel } from '../model.js';

type BartReference = BothSides &
  Generations & { decoderIds: number[][]; labels: number[][]; encoded: number[] };

const cases = ['cpu', 'tensorflow'].flatMap((backend) =>
  ['bart', 'bart-scaled'].map((name) => ({ backend, name })),
);

describe.each(cases)('$name on the $backend backend', ({ backend, name }) => {
  const expected = readFixture<BartReference>(`${name}/expected.json`);
  let model: EncoderDecoderModel;
  let batch: TokenBatch;
  let decoderIds: tf.Tensor2D;
  const logits = (weights: Weights, tokens: TokenBatch, adaptation?: Adaptation) =>
    tf.tidy(() => model.decode(weights, model.encode(weights, tokens, adaptation), decoderIds, adaptation));

  beforeAll(async () => {
    await startEngine({ threads: 2, device: 'cpu' });
    await tf.setBackend(backend);
    model = (await loadModel(fixtureFolder(name))) as EncoderDecoderModel;
    batch = batchOf(expected);
    decoderIds = tf.tensor2d(expected.decoderIds, undefined, 'int32');
  });
  afterAll(() => model.dispose());

  it("has transformers' states and logits, padded on either side", () => {
    const encoded = tf.tidy(() => atText(model.encode(model.weights, batch).states, batch.mask));
    expect(gap(encoded, expected.encoded)).toBeLessThan(1e-4);
    expect(gap(logits(model.weights, batch), expected.logits)).toBeLessThan(1e-4);
    expect(gap(logits(model.weights, leftOf(expected)), expected.logitsLeft)).toBeLessThan(1e-4);
  });

  it("has transformers' gradients", () => {
    const labels = expected.labels.flat();
    const counted = labels.filter((label) => label >= 0).length;
    const loss = (weights: Weights) => {
      const all = model.decode(weights, model.encode(weights, batch), decoderIds);
      const losses = softmaxCrossEntropy(tf.reshape(all, [labels.length, -1]), tf.tensor1d(labels, 'int32'));
      return tf.div(tf.sum(losses), counted) as tf.Scalar;
    };
    const gaps = gradientGaps(model, loss, expected);
    expect(gaps.loss).toBeLessThan(1e-4);
    expect(gaps.gradients).toBeLessThan(1e-4);
  });

  it('lets encoder and cross attention see a prompt', () => {
    expect(gap(logits(model.weights, batch, promptInFront(expected.prompt)), expected.prompted)).toBeLessThan(
      1e-4,
    );
  });

  it('calls every hook that modules lists, by name', () => {
    const seen = {
      linears: [] as string[],
      sublayers: [] as string[],
      sites: [] as string[],
      norms: [] as string[],
    };
    logits(model.weights, batch, {
      linear: (n, _x, y) => (seen.linears.push(n), y),
      sublayer: (n, _x, y) => (seen.sublayers.push(n), y),
      norm: (n, y) => (seen.norms.push(n), y),
      keyValues: ({ stack, kind, layer }) => void seen.sites.push(`${stack} ${kind} ${layer}`),
    });
    const { linears, sublayers, attentions, norms } = model.modules;
    expect(seen.linears.filter((n) => n !== 'lm_head').toSorted()).toEqual(
      linears.map((m) => m.name).toSorted(),
    );
    expect(seen.linears).toContain('lm_head');
    expect(seen.sublayers.toSorted()).toEqual(sublayers.map((s) => s.name).toSorted());
    expect(seen.norms.toSorted()).toEqual([...norms].toSorted());
    expect(seen.sites.toSorted()).toEqual(
      attentions.map((a) => `${a.stack} ${a.kind} ${a.layer}`).toSorted(),
    );
  });

  it('attends to a prefix in every attention, and not to a masked one', () => {
    const prefix = (on: number): Adaptation => ({
      keyValues: () => ({
        keys: tf.ones([3, 2, 5, 8]),
        values: tf.ones([3, 2, 5, 8]),
        mask: tf.fill([3, 5], on),
      }),
    });
    expect(gap(logits(model.weights, batch, prefix(0)), expected.logits)).toBeLessThan(1e-4);
    expect(gap(logits(model.weights, batch, prefix(1)), expected.logits)).toBeGreaterThan(1e-3);
  });

  it.each(expected.generations)(
    'writes what transformers writes: $beams beams, penalty $lengthPenalty, n-gram $noRepeatNgram, early $earlyStopping',
    ({ ids, ...options }) => {
      const rows = expected.generationIds;
      const texts = batchOf({ ids: rows, mask: rows.map((row) => row.map((id) => (id === 0 ? 0 : 1))) });
      const before = tf.memory().numTensors;
      expect(written(model, texts, options)).toEqual(ids);
      expect(tf.memory().numTensors).toBe(before);
    },
  );

  it('computes the same as a traced step', () => {
    const step = new Step(name, ({ frozen, batch: b }) => {
      const encoded = model.encode(frozen, b as unknown as TokenBatch);
      return {
        state: {},
        outputs: { logits: model.decode(frozen, encoded, b['decoderIds'] as tf.Tensor2D) },
      };
    });
    const args = { constants: {}, state: {}, scalars: {}, frozen: { ...model.weights } };
    const { outputs } = step.run({ ...args, batch: { ...batch, decoderIds } });
    expect(gap(outputs['logits']!, expected.logits)).toBeLessThan(1e-4);
    step.dispose();
  });
});
