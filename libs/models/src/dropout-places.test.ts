import * as tf from '@tensorflow/tfjs';
import { batchOf, fixtureFolder, readFixture, type Reference } from './fixtures/reference.js';
import { loadModel } from './load-model.js';
import type { Adaptation } from './adaptation.js';

type Shapes = Record<string, number[][]>;

const inOrder = (shapes: readonly number[][]): string[] => shapes.map((shape) => shape.join()).toSorted();

/** Shapes, since transformers has no names for the places. */
it.each(Object.entries(readFixture<Shapes>('dropout.json')))(
  'drops of %s what transformers drops, each place by a name of its own',
  async (name, expected) => {
    await tf.setBackend('cpu');
    const model = await loadModel(fixtureFolder(name));
    const { decoderIds, ...texts } = readFixture<Reference & { decoderIds?: number[][] }>(
      `${name}/expected.json`,
    );
    const places: string[] = [];
    const shapes: number[][] = [];
    const adaptation: Adaptation = {
      dropped(at, x) {
        places.push(at);
        shapes.push(x.shape);
        return x;
      },
    };
    tf.tidy(() => {
      const encoded = model.encode(model.weights, batchOf(texts), adaptation);
      if (model.kind === 'encoder-decoder')
        model.decode(model.weights, encoded, tf.tensor2d(decoderIds!, undefined, 'int32'), adaptation);
    });
    model.dispose();
    expect(inOrder(shapes)).toEqual(inOrder(expected));
    expect(new Set(places).size).toBe(places.length);
  },
);
