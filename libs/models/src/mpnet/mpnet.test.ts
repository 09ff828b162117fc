/** Logits, gradients and virtual tokens are compared with transformers in post-norm/heads.test.ts; this is
 *  what only MPNet has. */
import * as tf from '@tensorflow/tfjs';
import type { Adaptation } from '../adaptation.js';
import {
  batchOf,
  fixtureFolder,
  gap,
  promptInFront,
  readFixture,
  type Reference,
} from '../fixtures/reference.js';
import type { KeysAndValues } from '../heads.js';
import { loadModel } from '../load-model.js';
import type { EncoderModel } from '../model.js';

const expected = readFixture<Reference>('mpnet/expected.json');
let model: EncoderModel;

beforeAll(async () => {
  await tf.setBackend('cpu');
  model = (await loadModel(fixtureFolder('mpnet'))) as EncoderModel;
});
afterAll(() => model.dispose());

const encode = (ids: number[], adaptation: Adaptation) =>
  model.encode(model.weights, batchOf({ ids: [ids], mask: [ids.map(() => 1)] }), adaptation).states;

describe('keys and values in front of a text', () => {
  const ids = expected.ids[0]!;
  const front = 2;

  /** The first layer's states of the text behind its first two tokens, whose keys and values stand in front
   *  of it. */
  function behind(inFront: number): tf.Tensor3D {
    let seen: KeysAndValues | undefined;
    encode(ids, { end: 1, memory: (_site, own) => (seen = own) });
    const first = (x: tf.Tensor4D) => tf.slice(x, [0, 0, 0, 0], [-1, -1, front, -1]);
    return encode(ids.slice(front), {
      end: 1,
      positions: (own) => tf.add(own, tf.scalar(front, 'int32')),
      keyValues: () => ({ keys: first(seen!.keys), values: first(seen!.values), mask: tf.ones([1, front]) }),
      inFront: () => inFront,
    });
  }

  it('are the tokens that they are of, where they stand in front for relative positions too', () => {
    tf.tidy(() => {
      const whole = tf.slice(encode(ids, { end: 1 }), [0, front, 0]);
      const values = Array.from(whole.dataSync());
      expect(gap(behind(front), values)).toBeLessThan(1e-5);
      expect(gap(behind(0), values)).toBeGreaterThan(1e-2);
    });
  });
});

it('goes on from kept states as it would have, relative positions included', () => {
  tf.tidy(() => {
    const ids = expected.ids[0]!;
    const states = encode(ids, { end: 1 });
    const values = Array.from(encode(ids, {}).dataSync());
    expect(gap(encode(ids, { begin: { layer: 1, states } }), values)).toBeLessThan(1e-6);
  });
});

it('has no positions at padding and in front of it, and refuses more than it has', () => {
  expect(model.maxPositions).toBe(12); // of 14
  const tooLong = promptInFront(Array.from({ length: 7 }, () => expected.prompt[0]!));
  expect(() => tf.tidy(() => encode(expected.ids[0]!, tooLong))).toThrow(
    '13 positions (virtual tokens and text), and the model has 12',
  );
});

it('names its special tokens, and the mask that templates put in', () => {
  const { encode: read, idOf, padId } = model.tokenizer;
  expect(read('the cat')).toEqual([idOf('<s>'), idOf('the'), idOf('cat'), idOf('</s>')]);
  expect([padId, idOf('<pad>'), read('xylophone')[1], idOf('<mask>')]).toEqual([1, 1, idOf('[UNK]'), 39]);
});

it('shows every linear map and LayerNorm to its hook, by name', () => {
  const [linears, norms]: string[][] = [[], []];
  tf.tidy(() =>
    encode(expected.ids[0]!, {
      linear: (name, _x, y) => (linears!.push(name), y),
      norm: (name, y) => (norms!.push(name), y),
    }),
  );
  expect(linears!.toSorted()).toEqual(model.modules.linears.map((m) => m.name).toSorted());
  expect(norms).toEqual(model.modules.norms);
});
