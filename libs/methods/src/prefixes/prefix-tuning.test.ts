import * as tf from '@tensorflow/tfjs';
import { Method } from '#contracts/method.js';
import { PrefixTuning } from '#contracts/methods/prefix-tuning.js';
import type { Tensors } from '#engine/step/step.js';
import type { Adaptation } from '#models/adaptation.js';
import { atText, batchOf, fixtureFolder, gap } from '#models/fixtures/reference.js';
import { written } from '#models/fixtures/written.js';
import { loadModel } from '#models/load-model.js';
import type { DecoderModel, EncoderDecoderModel, Model } from '#models/model.js';
import { labels, moved, passOf, texts } from '../fixtures/forward.js';
import { prefixTuning } from './prefix-tuning.js';
import { countOf } from '../members/shapes.js';
import { methodOf } from '../table.js';

const models: Record<string, Model> = {};
const configOf = (knobs: object) => PrefixTuning.parse({ name: 'prefix-tuning', length: 3, ...knobs });
const begun = (model: Model, knobs: object) => {
  const config = configOf(knobs);
  prefixTuning.check(config, model);
  return { config, ...passOf(model, config, prefixTuning.init(config, model, labels, 1)) };
};
const rows = texts.ids.map((row) => row.filter((id) => id !== 0));
const full = (ids: number[]) => batchOf({ ids: [ids], mask: [ids.map(() => 1)] });
const lastOf = (logits: tf.Tensor3D, count: number) =>
  Array.from(tf.slice(logits, [0, logits.shape[1] - count, 0]).dataSync());

beforeAll(async () => {
  await tf.setBackend('cpu');
  for (const family of ['gpt2', 'llama', 'bart', 't5-v1.1', 'bert', 'mpnet'])
    models[family] = await loadModel(fixtureFolder(family));
});
afterAll(() => Object.values(models).forEach((m) => m.dispose()));

describe.each(['gpt2', 'llama'])('a prefix of real words on %s', (family) => {
  it.each([null, 6])('is as if the words stood in front of the text (MLP %s)', (hidden) => {
    const model = models[family] as DecoderModel;
    tf.tidy(() => {
      const { adaptation } = begun(model, { hidden, init: 'real-words', words: 'the cat' });
      const [the, cat, ...rest] = model.tokenizer.encodePlain('the cat');
      const words = [the!, cat!, ...rest].concat([the!, cat!]).slice(0, 3); // over and over
      for (const row of rows) {
        const expected = lastOf(model.decode(model.weights, full([...words, ...row])), row.length);
        expect(gap(model.decode(model.weights, full(row), adaptation), expected)).toBeLessThan(1e-4);
        expect(gap(model.decode(model.weights, full(row)), expected)).toBeGreaterThan(1e-2);
      }
    });
  });

  it('takes the label words where it is given none', () => {
    const model = models[family]!;
    tf.tidy(() => {
      const [own, given] = [null, labels.words.join(' ')].map((words) =>
        prefixTuning.init(configOf({ hidden: null, init: 'real-words', words }), model, labels, 1),
      );
      expect(gap(own!['decoder.embedding']!, Array.from(given!['decoder.embedding']!.dataSync()))).toBe(0);
    });
  });

  it('of the embeddings alone, behind the text, is as if the words stood there', () => {
    const model = models[family] as DecoderModel;
    tf.tidy(() => {
      const knobs = {
        hidden: null,
        init: 'real-words',
        words: 'the cat',
        depth: 'embedding-only',
        position: 'infix',
        length: 2,
      };
      const { config, adaptation } = begun(model, knobs);
      const words = model.tokenizer.encodePlain('the cat').slice(0, 2);
      const { read } = prefixTuning.reading!(config, model)!;
      const ids = read('the dog sat', 8);
      const spoken = ids.map((id) => (id < 0 ? words[-1 - id]! : id));
      expect(ids.filter((id) => id < 0)).toEqual([-1, -2]);
      expect(ids.slice(-1)).toEqual(model.tokenizer.encode('the dog sat').slice(-1));
      const expected = lastOf(model.decode(model.weights, full(spoken)), spoken.length);
      expect(gap(model.decode(model.weights, full(ids), adaptation), expected)).toBeLessThan(1e-4);
    });
  });
});

describe('an infix', () => {
  it.each(['gpt2', 'llama'])('is seen by what follows it, and not by the text: %s', (family) => {
    const model = models[family] as DecoderModel;
    tf.tidy(() => {
      const { config, adaptation } = begun(model, { hidden: 6, position: 'infix' });
      const ids = prefixTuning.reading!(config, model)!.read('the dog sat on', 8);
      const front = ids.findIndex((id) => id < 0);
      const plain = full(ids.map((id) => Math.max(id, 0)));
      const [infixed, frozen] = [
        model.decode(model.weights, full(ids), adaptation),
        model.decode(model.weights, plain),
      ];
      const before = (x: tf.Tensor3D) => tf.slice(x, [0, 0, 0], [1, front, x.shape[2]]);
      expect(gap(before(infixed), Array.from(before(frozen).dataSync()))).toBe(0);
      expect(gap(infixed, lastOf(frozen, ids.length))).toBeGreaterThan(1e-2);
    });
  });

  it.each(['bart', 't5-v1.1'])('leaves what the encoder makes of the text as it is: %s', (family) => {
    const model = models[family] as EncoderDecoderModel;
    tf.tidy(() => {
      const batch = batchOf(texts);
      const frozen = model.encode(model.weights, batch);
      const decoderIds = tf.tensor2d(texts.decoderIds, undefined, 'int32');
      const logits = Array.from(model.decode(model.weights, frozen, decoderIds).dataSync());
      for (const depth of ['all', 'embedding-only']) {
        const { adaptation } = begun(model, { position: 'infix', depth, hidden: null });
        const encoded = model.encode(model.weights, batch, adaptation);
        expect(gap(encoded.states, Array.from(frozen.states.dataSync()))).toBe(0);
        expect(gap(model.decode(model.weights, encoded, decoderIds, adaptation), logits)).toBeGreaterThan(
          1e-2,
        );
      }
    });
  });

  it('goes on being seen while a decoder writes', () => {
    const model = models['gpt2'] as DecoderModel;
    const config = configOf({ hidden: null, position: 'infix' });
    const own = tf.tidy(() => moved(prefixTuning.init(config, model, labels, 1), 9));
    const endless = tf.oneHot(model.endId, model.vocabularySize).mul(-100);
    const linear: Adaptation['linear'] = (name, _x, y) => (name === 'lm_head' ? tf.add(y, endless) : y);
    const adaptation = { ...passOf(model, config, own).adaptation, linear };
    const ids = prefixTuning.reading!(config, model)!.read('the dog sat on', 8);
    const options = { maxTokens: 4, beams: 1, lengthPenalty: 1 };
    const adapted = (state: Tensors) => ({ ...passOf(model, config, state).adaptation, linear });
    const text = written(model, full(ids), options, { state: own, adapted })[0]!;
    let longer = ids;
    for (const next of text) {
      tf.tidy(() => {
        const logits = model.decode(model.weights, full(longer), adaptation);
        expect(
          tf
            .argMax(tf.squeeze(atText(logits, full(longer).mask).slice([longer.length - 1, 0])), 0)
            .dataSync()[0],
        ).toBe(next);
      });
      longer = [...longer, next];
    }
    expect(text).toHaveLength(4);
  });
});

it('of the embeddings alone is prompt tuning', () => {
  const model = models['bert']!;
  tf.tidy(() => {
    const knobs = { length: 4, hidden: null, depth: 'embedding-only' };
    const { adaptation } = begun(model, knobs);
    const rows = prefixTuning.init(configOf(knobs), model, labels, 1);
    const prompt = Method.parse({ name: 'prompt-tuning', length: 4 });
    expect(countOf(methodOf(prompt).shapes(prompt, model, labels))).toBe(rows['encoder.embedding']!.size);
    const asPrompt = passOf(model, prompt, { prompt: rows['encoder.embedding']! });
    const states = model.encode(model.weights, batchOf(texts), asPrompt.adaptation).states;
    expect(
      gap(model.encode(model.weights, batchOf(texts), adaptation).states, Array.from(states.dataSync())),
    ).toBe(0);
  });
});

it.each<[string, object, string]>([
  ['bert', { position: 'infix' }, 'an encoder writes nothing'],
  ['bart', { position: 'infix', places: ['encoder'] }, 'method.places names encoder'],
  ['bart', { depth: 'embedding-only', places: ['cross'] }, 'method.places names cross'],
  ['bert', { places: ['cross'] }, "the model's attentions are encoder"],
  ['bert', { words: 'the cat' }, 'method.words is given, and method.init is "random"'],
  ['bert', { words: ' ', init: 'real-words' }, 'has no token'],
  ['bert', { length: 5000 }, 'method.length is 5000, and the model has'],
])('on %s refuses %j', (family, knobs, message) => {
  expect(() => prefixTuning.check(configOf(knobs), models[family]!)).toThrow(message);
});
