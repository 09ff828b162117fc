import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { AnswerBy } from '#contracts/answer.js';
import { Kind } from '#contracts/kind.js';
import type { MethodName } from '#contracts/method.js';
import { TuneConfig } from '#contracts/trial.js';
import { answerBy, type ModelKind, unanswerable } from '#contracts/unanswerable.js';
import { startEngine } from '#engine/native/start.js';
import { withMaskToken } from '#models/fixtures/mask-token.js';
import { fixtureFolder } from '#models/fixtures/reference.js';
import { loadModel } from '#models/load-model.js';
import type { Model } from '#models/model.js';
import { readSafetensors, writeSafetensors } from '#models/weights/safetensors.js';
import { toyTask } from '../fixtures/kinds.js';
import { methodKnobs } from '../fixtures/method-knobs.js';
import { folder, gapOf, removeToys, toyConfig } from '../fixtures/toy.js';
import { Gang } from '../gang/gang.js';
import { type Answerer, answerExamples, type EncodedExample } from '../rows/answer-examples.js';
import { answeringReader } from '../rows/row-reader.js';
import { warmDataset, warmTask } from '../rows/warm-task.js';
import { answeringOf } from './table.js';

// T5 has places called layer.1 in every block
const ofSecondLayer = /^(?:\w+\.)*?(?:encoder\.layer|h|block)\.1\./;
/** Of one layer, since most of the time is tracing; ../conformance.test.ts trains methods above two. */
const folders: Record<ModelKind, string> = {
  encoder: withOneLayer(withMaskToken(join(folder, 'masked')), ['num_hidden_layers']),
  decoder: withOneLayer(fixtureFolder('gpt2'), ['n_layer']),
  'encoder-decoder': withOneLayer(fixtureFolder('t5-v1.1'), ['num_layers', 'num_decoder_layers']),
};
const modelKinds = Object.keys(folders) as ModelKind[];
const methods = (Object.keys(methodKnobs) as MethodName[]).map((name) => ({
  name,
  ...methodKnobs[name].base,
}));
/** Methods that are also resumed, ganged and asked for answers. ../conformance.test.ts does so with all of
 *  them, and a kind of answer adds nothing to what a method keeps. */
const whole = ['lora'];
const steps = 4;
const tolerance = 2e-4; // between a loss in a gang and alone, of losses up to 5

/** Label words and tags are held to the same by conformance.test.ts, decode.test.ts and tagging.test.ts. */
const held = (kind: Kind, by: AnswerBy): boolean => kind === 'tags' || (kind === 'class' && by !== 'head');

/** What is written of a choice or a span is trained as label words and texts are: one method tells. */
const alike = (kind: Kind, by: AnswerBy): boolean =>
  by === 'decoding' && (kind === 'choice' || kind === 'span');

const uncarried = (model: ModelKind, name: string): boolean =>
  model === 'encoder-decoder' && name === 'bitfit';

function configOf(kind: Kind, model: ModelKind, method: object, by: AnswerBy): TuneConfig {
  const task = toyTask(kind) as { answer?: object };
  const own = by === 'decoding' ? task.answer : {};
  const { name } = method as { name: string };
  const learningRate = name === 'full' || name === 'top-layers' ? 0.002 : 0.01;
  const training = { optimizer: { name: 'adamw', learningRate } };
  return TuneConfig.parse({
    ...toyConfig(folders[model], method, { training }),
    task: { ...task, answer: { ...own, by } },
  });
}

/** A copy of a model of two layers with its first alone. `counts`: what its config calls their number. */
function withOneLayer(from: string, counts: readonly string[]): string {
  const to = join(folder, `${basename(from)}-one-layer`);
  cpSync(from, to, { recursive: true });
  const path = join(to, 'config.json');
  const config = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  for (const count of counts) {
    expect(config[count]).toBe(2);
    config[count] = 1;
  }
  writeFileSync(path, JSON.stringify(config));
  const weights = join(to, 'model.safetensors');
  const tensors = [...readSafetensors(weights)];
  writeSafetensors(weights, new Map(tensors.filter(([name]) => !ofSecondLayer.test(name))), 'F32');
  return to;
}

/** Methods as such a way of answering needs them. */
function fitting(method: { name: string }, by: AnswerBy): object {
  if (method.name === 'p-tuning-v2') return { ...method, classifier: by === 'head' };
  return method.name === 'unipelt' ? { ...method, gates: false } : method;
}

const cases = Kind.options.flatMap((kind) =>
  modelKinds.flatMap((model) =>
    AnswerBy.options.flatMap((by) =>
      methods
        .map((method) => ({
          kind,
          model,
          by,
          name: method.name,
          config: configOf(kind, model, fitting(method, by), by),
        }))
        .filter(({ name }) => !held(kind, by) && (!alike(kind, by) || whole.includes(name)))
        .filter(
          ({ name, config }) =>
            !uncarried(model, name) && !unanswerable(config, { kind: model, name: model }).length,
        ),
    ),
  ),
);

const models = {} as Record<ModelKind, Model>;

beforeAll(async () => {
  process.env['PEFTGRID_STEP'] = 'graph';
  await startEngine({ threads: 2, device: 'cpu' });
  for (const kind of modelKinds) models[kind] = await loadModel(folders[kind]);
});
afterAll(() => {
  for (const model of Object.values(models)) model.dispose();
  removeToys();
});

it('looks at every kind but tags', () => {
  expect([...new Set(cases.map(({ kind }) => kind))]).toEqual(Kind.options.filter((kind) => kind !== 'tags'));
});

it.each(cases)('$kind by $by on an $model under $name', async ({ model: modelKind, config }) => {
  const model = models[modelKind];
  expect(answerBy(config, modelKind)).toBe(config.task.answer.by);
  const answers = answeringOf(model, config, warmDataset(config.task));
  const task = warmTask(config.task, answers);
  const rows = [0, 1, 2, 3].map((i) => task.trained(i, 0));
  const batchFor = (members: number) =>
    answeringReader(answers, members)(Array.from({ length: members }, () => rows));
  const trained = (gang: Gang, from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => gang.train(batchFor(gang.members), from + i + 1)[0]!);

  const tensors = tensorsBeside(model);
  const solo = new Gang(model, [config], answers);
  const begun = trained(solo, 0, steps / 2);
  const state = solo.memberState(0);
  const rest = trained(solo, steps / 2, steps);
  expect(Math.min(...rest)).toBeLessThan(begun[0]!);

  if (whole.includes(config.method.name)) {
    const resumed = new Gang(model, [config], answers);
    resumed.restore([state]);
    expect(trained(resumed, steps / 2, steps)).toEqual(rest);
    resumed.dispose();
    await saysSomething(solo, task.all('test').slice(0, 2));
    const gang = new Gang(model, [config, { ...config, seed: 2 }], answers);
    expect(gapOf(trained(gang, 0, steps / 2), begun)).toBeLessThan(tolerance);
    gang.dispose();
  }
  tf.dispose(state);
  solo.dispose();
  expect(tensorsBeside(model)).toBe(tensors);
});

/** How many there are but the model's, of which a method may have set some aside. */
function tensorsBeside(model: Model): number {
  const own = Object.values(model.weights).length; // asked for, all are there
  return tf.memory().numTensors - own;
}

async function saysSomething(gang: Gang, examples: readonly EncodedExample[]): Promise<void> {
  const { answers } = gang;
  const answerer: Answerer = {
    members: 1,
    answers,
    read: answeringReader(answers, 1),
    score: (batch) => gang.score(batch),
    write: (batch, streams) => gang.write(batch, streams),
  };
  const asking = { said: true, likelihood: answers.likelihood !== undefined };
  const asked = answerExamples(answerer, examples, asking);
  for (;;) {
    const next = await asked.next();
    if (!next.done) continue;
    const [own] = next.value;
    expect(own!.said).toHaveLength(examples.length);
    for (const { nats } of own!.likelihoods) expect(nats).toBeGreaterThan(0);
    return;
  }
}
