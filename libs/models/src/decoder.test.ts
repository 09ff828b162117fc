import * as tf from '@tensorflow/tfjs';
import { softmaxCrossEntropy } from '#engine/ops/softmax-cross-entropy.js';
import { startEngine } from '#engine/native/start.js';
import { Step } from '#engine/step/step.js';
import type { Adaptation } from './adaptation.js';
import {
  atText,
  batchOf,
  type DecoderReference,
  fixtureFolder,
  gap,
  gradientGaps,
  leftOf,
  promptInFront,
  readFixture,
} from './fixtures/reference.js';
import { written } from './fixtures/written.js';
import { loadModel } from './load-model.js';
import type { TokenBatch, Weights } from './batch.js';
import type { DecoderModel } from './model.js';

const cases = ['cpu', 'tensorflow'].flatMap((backend) =>
  ['gpt2', 'llama', 'llama-untied'].map((name) => ({ backend, name })),
);

describe.each(cases)('$name on the $backend backend', ({ backend, name }) => {
  const expected = readFixture<DecoderReference>(`${name}/expected.json`);
  let model: DecoderModel;
  let batch: TokenBatch;
  let left: TokenBatch;
  const logits = (weights: Weights, tokens: TokenBatch, adaptation?: Adaptation) =>
    tf.tidy(() => atText(model.decode(weights, tokens, adaptation), tokens.mask));

  beforeAll(async () => {
    await startEngine({ threads: 2, device: 'cpu' });
    await tf.setBackend(backend);
    model = (await loadModel(fixtureFolder(name))) as DecoderModel;
    batch = batchOf(expected);
    left = leftOf(expected);
  });
  afterAll(() => model.dispose());

  it("has transformers' logits, padded on either side", () => {
    expect(gap(logits(model.weights, batch), expected.logits)).toBeLessThan(1e-4);
    expect(gap(logits(model.weights, left), expected.logitsLeft)).toBeLessThan(1e-4);
  });

  it("has transformers' gradients", () => {
    const labels = expected.ids.map((row, n) =>
      row.map((_, t) => (expected.mask[n]![t + 1] ? row[t + 1]! : -100)),
    );
    const counted = labels.flat().filter((label) => label >= 0).length;
    const loss = (weights: Weights) => {
      const rows = tf.reshape(model.decode(weights, batch), [labels.flat().length, -1]) as tf.Tensor2D;
      return tf.div(
        tf.sum(softmaxCrossEntropy(rows, tf.tensor1d(labels.flat(), 'int32'))),
        counted,
      ) as tf.Scalar;
    };
    const gaps = gradientGaps(model, loss, expected);
    expect(gaps.loss).toBeLessThan(1e-4);
    expect(gaps.gradients).toBeLessThan(1e-4);
  });

  it('lets a text see a prompt in front of it, and gives its own logits only', () => {
    expect(gap(logits(model.weights, batch, prompted), expected.prompted)).toBeLessThan(1e-4);
  });
  const prompted: Adaptation = {
    embeddings: (x, _stack, ids) => promptInFront(expected.prompt).embeddings!(x, 'encoder', ids),
  };

  it('is as it was under virtual tokens and prefixes that are masked out', () => {
    const nothing: Adaptation = {
      embeddings: ({ states, mask }) => ({
        states: tf.concat([tf.ones([3, 2, 16]), states], 1),
        mask: tf.concat([tf.zeros([3, 2]), mask], 1) as tf.Tensor2D,
      }),
      keyValues: () => ({
        keys: tf.ones(prefixShape(2)),
        values: tf.ones(prefixShape(2)),
        mask: tf.zeros([3, 2]),
      }),
    };
    expect(gap(logits(model.weights, batch, nothing), expected.logits)).toBeLessThan(1e-4);
    const prefix: Adaptation = {
      keyValues: () => ({
        keys: tf.ones(prefixShape(2)),
        values: tf.ones(prefixShape(2)),
        mask: tf.ones([3, 2]),
      }),
    };
    expect(gap(logits(model.weights, batch, prefix), expected.logits)).toBeGreaterThan(1e-3);
  });
  const prefixShape = (length: number, rows = 3): [number, number, number, number] => {
    const { [`${name === 'gpt2' ? 'n_head' : 'num_key_value_heads'}`]: heads, head_dim: d } = JSON.parse(
      model.config,
    ) as Record<string, number>;
    return [rows, heads!, length, d ?? 16 / (name === 'gpt2' ? 2 : 4)];
  };

  it('shows every linear map and sublayer to its hook, by name', () => {
    const maps = new Set<string>();
    const sublayers: string[] = [];
    tf.tidy(() => {
      model.decode(model.weights, batch, {
        linear: (map, _x, y) => (maps.add(map), y),
        sublayer: (at, _x, y) => (sublayers.push(at), y),
      });
    });
    const modules = Object.keys(model.weights).filter((w) =>
      /(c_attn|c_proj|c_fc|_proj|lm_head)\.weight$/.test(w),
    );
    expect([...maps].toSorted()).toEqual(
      [...new Set([...modules.map((w) => w.replace('.weight', '')), 'lm_head'])].toSorted(),
    );
    const [attention, block] = name === 'gpt2' ? ['attn', 'transformer.h'] : ['self_attn', 'model.layers'];
    expect(sublayers).toEqual([0, 1].flatMap((l) => [`${block}.${l}.${attention}`, `${block}.${l}.mlp`]));
  });

  it("pools the last token's state", () => {
    const pooled = tf.tidy(() => model.pool(model.encode(model.weights, batch), batch));
    const same = tf.tidy(() => model.pool(model.encode(model.weights, left), left));
    expect(gap(pooled, Array.from(same.dataSync()))).toBeLessThan(1e-4);
    const states = tf.tidy(() => model.encode(model.weights, batch).states);
    expect(
      gap(tf.slice(pooled, [1, 0], [1, -1]), Array.from(tf.slice(states, [1, 2, 0], [1, 1, -1]).dataSync())),
    ).toBe(0);
  });

  it('refuses more positions than it has', () => {
    const ids = tf.zeros([1, 40], 'int32') as tf.Tensor2D;
    expect(() => model.decode(model.weights, { ids, mask: tf.ones([1, 40]) })).toThrow(
      /40 positions .* the model has (24|32)/,
    );
  });

  it('computes the same as a traced step', () => {
    const step = new Step(name, ({ frozen, batch: tokens }) => ({
      state: {},
      outputs: { logits: model.decode(frozen, tokens as unknown as TokenBatch) },
    }));
    const { outputs } = step.run({
      frozen: { ...model.weights },
      constants: {},
      state: {},
      batch: { ...left },
      scalars: {},
    });
    expect(gap(atText(outputs['logits']!, left.mask), expected.logitsLeft)).toBeLessThan(1e-4);
    step.dispose();
  });

  it.each(expected.generations)(
    'writes what transformers writes, padded on either side: $beams beams, penalty $lengthPenalty, n-gram $noRepeatNgram, early $earlyStopping',
    ({ ids, ...options }) => {
      const rows = expected.generationIds;
      const right = batchOf({ ids: rows, mask: rows.map((row) => row.map((id) => (id === 0 ? 0 : 1))) });
      const turned = rows.map((row) => [...row.filter((id) => id === 0), ...row.filter((id) => id !== 0)]);
      const before = tf.memory().numTensors;
      expect(written(model, right, options)).toEqual(ids);
      expect(tf.memory().numTensors).toBe(before);
      const onLeft = batchOf({ ids: turned, mask: turned.map((row) => row.map((id) => (id === 0 ? 0 : 1))) });
      expect(written(model, onLeft, options)).toEqual(ids);
    },
  );

  it('generates from prompt and prefix as teacher forcing does', () => {
    const adaptation: Adaptation = {
      ...prompted,
      keyValues: (_site, n) => ({
        keys: tf.fill(prefixShape(2, n), 0.3),
        values: tf.fill(prefixShape(2, n), 0.5),
        mask: tf.ones([n, 2]),
      }),
    };
    const texts = written(
      model,
      left,
      { maxTokens: 4, beams: 1, lengthPenalty: 1 },
      { adapted: () => adaptation },
    );
    let { ids, mask } = left;
    const forced: number[][] = [[], [], []];
    for (let step = 0; step < 4; step++) {
      const next = tf.tidy(() => {
        const all = model.decode(model.weights, { ids, mask }, adaptation);
        return tf.argMax(tf.slice(all, [0, ids.shape[1] - 1, 0], [3, 1, -1]), 2).dataSync();
      });
      forced.forEach((row, n) => row.push(next[n]!));
      ids = tf.concat([ids, tf.tensor2d([...next], [3, 1], 'int32')], 1) as tf.Tensor2D;
      mask = tf.concat([mask, tf.ones([3, 1])], 1) as tf.Tensor2D;
    }
    expect(texts).toEqual(
      forced.map((row) => (row.includes(model.endId) ? row.slice(0, row.indexOf(model.endId)) : row)),
    );
  });
});
