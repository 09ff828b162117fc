import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { valueAndGradients } from '#engine/step/gradients.js';
import { inLanes } from '#engine/step/lanes.js';
import { startEngine } from '#engine/native/start.js';
import type { Tensors } from '#engine/step/step.js';
import { classify } from '#methods/heads/classifier.js';
import { tokenForm } from '#methods/heads/form.js';
import { atText, fixtureFolder, gap, promptInFront } from '#models/fixtures/reference.js';
import { loadModel } from '#models/load-model.js';
import type { Model } from '#models/model.js';
import { Task } from '#contracts/task.js';
import { tagsOf } from '../fixtures/spaces.js';
import { answeringReader } from '../rows/row-reader.js';
import { answeringOf } from './table.js';
import type { TagsRow } from './tags.js';

interface Expected {
  ids: number[][];
  labels: number[][];
  weight: number[][];
  bias: number[];
  prompt: number[][];
  logits: number[][]; // of the text's tokens, one row after the other
  prompted: number[][];
  loss: number;
  gradients: Record<string, number[]>;
}

interface Fixture {
  length: number;
  texts: { words: string[]; tags: number[] }[];
  models: Record<string, Expected>;
}

const { length, texts, models } = JSON.parse(
  readFileSync(join(__dirname, '../fixtures/tagging.json'), 'utf8'),
) as Fixture;
const cases = ['cpu', 'tensorflow'].flatMap((backend) =>
  ['bert', 'roberta', 'mpnet'].map((name) => ({ backend, name })),
);

beforeAll(async () => {
  await startEngine({ threads: 2, device: 'cpu' });
});

describe.each(cases)(
  "transformers' token classification with $name on the $backend backend",
  ({ backend, name }) => {
    const expected = models[name]!;
    let model: Model;

    beforeAll(async () => {
      await tf.setBackend(backend);
      model = await loadModel(fixtureFolder(name));
    });
    afterAll(() => model.dispose());

    const encoded = () =>
      texts.map((text, i) => {
        const answer = { ...text, before: [], lost: 0 };
        return answers().rows({ id: `${i}`, input: [''], answer })[0] as TagsRow;
      });
    const batch = () => answeringReader(answers(), 1)([encoded()]);
    const head = () => ({
      'classifier.weight': tf.tensor3d([expected.weight]),
      'classifier.bias': tf.tensor2d([expected.bias]),
    });
    const answers = () =>
      answeringOf(
        model,
        { task: Task.parse({ name: 'tagging', path: 'x', maxLength: length }) },
        tagsOf(['a', 'b', 'c']),
      );

    it('is given the same tokens and labels', () => {
      expect(encoded().map((e) => e.ids)).toEqual(expected.ids);
      expect(encoded().map((e) => Array.from(e.labels))).toEqual(expected.labels);
      expect(Array.from(encoded()[0]!.places)).toEqual([1, 2, 4, 5, 6, -1]);
    });

    it('has its logits, with virtual tokens in front too', () => {
      tf.tidy(() => {
        const own = batch();
        for (const [hooks, wanted] of [
          [{}, expected.logits],
          [promptInFront(expected.prompt), expected.prompted],
        ] as const) {
          // prettier-ignore
          const scores = answers().outputs({ weights: model.weights, adaptation: { ...hooks, head: classify(tokenForm(model), head()) }, batch: own, constants: {} });
          const each = tf.reshape(scores, [texts.length, -1, expected.bias.length]);
          expect(gap(atText(each, own['mask'] as tf.Tensor2D), wanted.flat())).toBeLessThan(1e-4);
        }
      });
    });

    it('has its loss, the mean over the tokens that count, and its gradients', () => {
      tf.tidy(() => {
        const parameters: Tensors = { ...(model.weights as Tensors), ...head() };
        const own = batch();
        const { loss, gradients } = valueAndGradients(() => {
          const rows = inLanes(own, 1, (part) =>
            answers().losses({
              weights: parameters,
              adaptation: { head: classify(tokenForm(model), parameters) },
              batch: part,
              constants: {},
            }),
          );
          return { loss: tf.mean(rows) as tf.Scalar, aux: {} };
        }, parameters);
        expect(gap(loss, [expected.loss])).toBeLessThan(1e-5);
        for (const [n, values] of Object.entries(expected.gradients))
          expect(gap(gradients[n]!, values)).toBeLessThan(1e-4);
      });
    });
  },
);
