import type { TuneConfig } from '#contracts/trial.js';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { startEngine } from '#engine/native/start.js';
import { Step, type Tensors } from '#engine/step/step.js';
import type { Adaptation } from '#models/adaptation.js';
import { fixtureFolder, gap } from '#models/fixtures/reference.js';
import { loadModel } from '#models/load-model.js';
import type { DecoderModel } from '#models/model.js';
import { continuations } from './continuations.js';
import { toyConfig } from '../fixtures/toy.js';
import { Task } from '#contracts/task.js';
import { Gang } from '../gang/gang.js';
import { pooled } from '../read-once/pooled.js';
import { inputReader, textReader } from '../rows/input-reader.js';
import { classesOf } from '../fixtures/spaces.js';
import { answeringOf } from './table.js';

interface Answers {
  losses: number[]; // mean over the tokens of the row's label
  scores: number[][]; // minus the sum, for every class
  tokens: number[]; // of each class
}

interface Fixture {
  texts: string[];
  labels: number[];
  models: Record<
    string,
    {
      prompt: number[][];
      pooled: number[][];
      cases: { what: string; words: string[]; plain: Answers; prompted: Answers }[];
    }
  >;
}

const fixture = JSON.parse(readFileSync(join(__dirname, '../fixtures', 'answers.json'), 'utf8')) as Fixture;
const glosses = Task.parse({ name: 'wordnet-supersense', maxLength: 8 });
const cases = ['cpu', 'tensorflow'].flatMap((backend) =>
  ['gpt2', 'llama', 'llama-untied'].map((name) => ({ backend, name })),
);

beforeAll(async () => {
  process.env['PEFTGRID_STEP'] = 'graph';
  await startEngine({ threads: 2, device: 'cpu' });
});

describe.each(cases)('$name on the $backend backend', ({ backend, name }) => {
  const expected = fixture.models[name]!;
  let model: DecoderModel;

  beforeAll(async () => {
    await tf.setBackend(backend);
    model = (await loadModel(fixtureFolder(name))) as DecoderModel;
  });
  afterAll(() => model.dispose());

  const batch = (times = 1): Tensors => {
    const read = textReader(model);
    const rows = fixture.texts.map((text, i) => ({ ids: read(text, 8), label: fixture.labels[i]! }));
    const { tensors } = answeringOf(model, { task: glosses }, classesOf(['a']));
    return tensors(Array.from({ length: times }, () => rows).flat());
  };

  it.each(expected.cases)(
    "has transformers' losses and scores for words $what",
    ({ words, plain, prompted }) => {
      expect(continuations(model, { words }, false).map((ids) => ids.length)).toEqual(plain.tokens);
      const answers = answeringOf(model, { task: glosses }, classesOf(words));
      const promptFirst: Adaptation = {
        embeddings: ({ states, mask }) => {
          const [rows, , width] = states.shape;
          const prompt = tf.broadcastTo(tf.tensor3d([expected.prompt]), [
            rows,
            expected.prompt.length,
            width,
          ]) as tf.Tensor3D;
          const seen = tf.concat([tf.ones([rows, expected.prompt.length]), mask], 1) as tf.Tensor2D;
          return { states: tf.concat([prompt, states], 1), mask: seen };
        },
      };
      for (const [adaptation, { losses, scores }] of [
        [{}, plain],
        [promptFirst, prompted],
      ] as const) {
        // prettier-ignore
        const constants = answers.constants();
        const step = new Step('answers', ({ frozen, constants, batch }) => ({
          state: {},
          outputs: {
            losses: answers.losses({ weights: frozen, adaptation, batch, constants }),
            scores: answers.outputs({ weights: frozen, adaptation, batch, constants }),
          },
        }));
        const { outputs } = step.run({
          frozen: { ...model.weights },
          constants,
          state: {},
          batch: batch(),
          scalars: {},
        });
        expect(gap(outputs['losses']!, losses)).toBeLessThan(1e-4);
        expect(gap(outputs['scores']!, scores.flat())).toBeLessThan(1e-4);
        step.dispose();
      }
    },
  );

  it("gives a head the last token's state", () => {
    const state = tf.tidy(() => pooled(model, model.weights, {}, batch()));
    expect(gap(state, expected.pooled.flat())).toBeLessThan(1e-4);
  });

  it('answers in a gang of prompts of different lengths as each alone', () => {
    const words = expected.cases[0]!.words;
    const gangOf = (own: TuneConfig[]) => new Gang(model, own, answeringOf(model, own[0]!, classesOf(words)));
    const configsOf = (task: object) =>
      [2, 6].map((length) =>
        toyConfig(name, { name: 'prompt-tuning', length, init: 'random' }, { seed: length, task }),
      );
    const [scoring, writing] = [configsOf({}), configsOf({ answer: { by: 'decoding' } })];
    const tensors = tf.memory().numTensors;
    const together = [scoring, writing].map(gangOf);
    const { scores } = together[0]!.score(batch(2));
    const solo = scoring.map((config) => gangOf([config]));
    const alone = solo.flatMap((gang) => Array.from(gang.score(batch()).scores));
    expect(gap(tf.tensor1d(scores), alone)).toBeLessThan(2e-5);
    const writers = writing.map((config) => gangOf([config]));
    expect(together[1]!.write(batch(2), [])).toEqual(writers.flatMap((gang) => gang.write(batch(), [])));
    [...together, ...solo, ...writers].forEach((gang) => gang.dispose());
    expect(tf.memory().numTensors).toBe(tensors + 1);
  });
});

describe.each(['gpt2', 'llama'])('on %s', (name) => {
  let model: DecoderModel;
  beforeAll(async () => {
    await tf.setBackend('tensorflow');
    model = (await loadModel(fixtureFolder(name))) as DecoderModel;
  });
  afterAll(() => model.dispose());

  it.each([
    { name: 'prompt-tuning', length: 2 },
    { name: 'p-tuning', length: 2, template: '{prompt} {text} on {prompt}' },
    { name: 'prefix-tuning', length: 2, hidden: 4 },
    { name: 'prefix-tuning', length: 2, hidden: null, position: 'infix' },
    { name: 'prefix-tuning', length: 2, hidden: null, position: 'infix', depth: 'embedding-only' },
    { name: 'p-tuning-v2', length: 2, classifier: false },
    { name: 'qlora', rank: 2, dropout: 0 },
    { name: 'mam', length: 2, hidden: 4, bottleneck: 2 },
  ])('the loss under %j is minus the mean of what scores the same word', (method) => {
    const { words, plain } = fixture.models[name]!.cases[0]!;
    const config = toyConfig(name, method);
    const gang = new Gang(model, [config], answeringOf(model, config, classesOf(words)));
    const reader = inputReader(model, config.method);
    const rows = fixture.texts.map((text, i) => ({ ...reader.read([text], 8), label: fixture.labels[i]! }));
    const { scores } = gang.score(gang.answers.tensors(rows));
    const classes = words.length;
    const losses = rows.map(({ label }, i) => -scores[i * classes + label]! / plain.tokens[label]!);
    const [loss] = gang.train(gang.answers.tensors(rows), 1);
    expect(loss).toBeCloseTo(losses.reduce((a, b) => a + b, 0) / rows.length, 4);
    gang.dispose();
  });
});

describe('what a decoder writes', () => {
  let model: DecoderModel;
  beforeAll(async () => {
    model = (await loadModel(fixtureFolder('gpt2'))) as DecoderModel;
  });
  afterAll(() => model.dispose());

  it('ends where the decoded text is compared', () => {
    expect(continuations(model, { words: ['mat', 'cats'] }, true).map((ids) => ids.at(-1))).toEqual([
      model.endId,
      model.endId,
    ]);
    expect(continuations(model, { words: ['mat', 'cats'] }, false).flat()).not.toContain(model.endId);
  });

  it('follows a text that is open at its end, and never an empty one', () => {
    const read = textReader(model);
    expect(read('the cat sat', 8)).toEqual(model.tokenizer.encodePlain('the cat sat'));
    expect(read('the cat sat on a mat', 3)).toEqual(model.tokenizer.encodePlain('the cat sat'));
    expect(read(' ', 8)).toEqual([model.endId]);
  });
});
