import * as tf from '@tensorflow/tfjs';
import type { Task } from '#contracts/task.js';
import { inLanes } from '#engine/step/lanes.js';
import { Step, type Tensors } from '#engine/step/step.js';
import { Writer } from '#models/generate/writer.js';
import { labelWordIssue } from '#models/label-words.js';
import type { Model } from '#models/model.js';
import type { Kind } from '#contracts/kind.js';
import type { Said } from '#tasks/example.js';
import { valueOf } from '#tasks/metrics/metric.js';
import { saidOf } from '#tasks/mixture.js';
import type { Dataset, MixedPart } from '#tasks/dataset.js';
import { answeringOf } from './answers/answer.js';
import { tokensOf } from './answers/answering.js';
import { type Answerer, answerExamples } from './rows/answer-examples.js';
import { decodedAnswers, noDecoder } from './answers/decoded-answers.js';
import { tokenReader } from './rows/row-reader.js';
import { Warm } from './warm/warm.js';
import type { EncodedTask } from './rows/warm-task.js';

type Asked = Pick<Task, 'name' | 'scoring'>;

const known = new Warm<Record<string, number>>(64, () => 1);

/** Scores of the test examples without training of ours, by the metric that the dataset reports: what its kind knows
 *  without a model (the most frequent class, naive Bayes …), and the backbone untouched. An untouched backbone has no
 *  head to say tags. Of a mixture each task's ("rte/majority"), and their means first. */
export async function* referenceScores(
  model: Model,
  task: EncodedTask,
  asked: Asked,
): AsyncGenerator<void, Record<string, number>> {
  const { dataset } = task;
  const key = `${model.hash} ${dataset.hash} ${asked.scoring}`;
  const before = known.get(key);
  if (before) return before;
  const parts = dataset.parts ?? [{ name: '', dataset }];
  const own = parts.map((part) => ofDataset(part.dataset));
  yield;
  if (dataset.kind === 'class' && labelWordIssue(model, { ...task.classes, labels: dataset.labels }, asked.scoring) === null) {
    const said = yield* zeroShot(model, task, asked);
    for (const [i, part] of parts.entries()) {
      const its = dataset.parts ? saidOf(dataset.parts, i, dataset.test, said) : said;
      own[i]!['zero-shot'] = reported(part.dataset, its);
    }
  }
  return known.keep(key, dataset.parts ? { ...means(own), ...named(dataset.parts, own) } : own[0]!);
}

const ofDataset = (dataset: Dataset): Record<string, number> =>
  Object.fromEntries(Object.entries(dataset.references).map(([name, said]) => [name, reported(dataset, said())]));

function reported({ metrics, reportBy, test }: Dataset, said: readonly Said[Kind][]): number {
  return valueOf(
    metrics.find((metric) => metric.name === reportBy)!,
    test,
    { said },
  );
}

function means(own: readonly Record<string, number>[]): Record<string, number> {
  const mean = (name: string) => own.reduce((sum, scores) => sum + scores[name]!, 0) / own.length;
  return Object.fromEntries(Object.keys(own[0]!).map((name) => [name, mean(name)]));
}

const named = (parts: readonly MixedPart[], own: readonly Record<string, number>[]): Record<string, number> =>
  Object.fromEntries(own.flatMap((scores, i) => Object.entries(scores).map(([name, v]) => [`${parts[i]!.name}/${name}`, v])));

async function* zeroShot(model: Model, task: EncodedTask, asked: Asked): AsyncGenerator<void, Said[Kind][]> {
  const untouched = untouchedBackbone(model, task, asked);
  try {
    const [said] = yield* answerExamples(untouched, task.all('test'));
    return said!;
  } finally {
    untouched.dispose();
  }
}

function untouchedBackbone(model: Model, task: EncodedTask, asked: Asked): Answerer & { dispose(): void } {
  const { classes } = task;
  const answers = answeringOf(model, { task: asked }, classes);
  const constants = answers.constants();
  const frozen = model.weights as Tensors;
  const name = `untouched ${model.hash.slice(0, 8)}`;
  const run = ({ frozen, constants, batch }: { frozen: Tensors; constants: Tensors; batch: Tensors }) => ({
    state: {},
    outputs: { scores: inLanes(batch, 1, (part) => answers.scores(frozen, {}, part, constants)) },
  });
  const score = new Step(name, run, { xla: false });
  const writer = asked.scoring === 'decode' ? untouchedWriter(name, model) : undefined;
  const decoded = (batch: Tensors, writer: Writer): string[] => {
    const { ids, mask } = tokensOf(batch);
    const given = { frozen, constants, state: {}, batch: { ids, mask } };
    const answers = decodedAnswers(model, classes, (options) => writer.write(given, options));
    tf.dispose(batch);
    return answers;
  };
  return {
    members: 1,
    answers,
    read: tokenReader({ padId: model.tokenizer.padId, longest: task.longest, members: 1 }),
    answer(batch) {
      if (writer) return { texts: decoded(batch, writer) };
      const { outputs } = score.run({ frozen, constants, state: {}, batch, scalars: {} });
      const scores = outputs['scores']!;
      const rows = Object.values(batch)[0]!.shape[0]!;
      const answered = { rows, classes: scores.shape[1]!, scores: scores.dataSync() as Float32Array };
      tf.dispose([outputs, batch]);
      return answered;
    },
    dispose() {
      tf.dispose(constants);
      score.dispose();
      writer?.dispose();
    },
  };
}

function untouchedWriter(name: string, model: Model): Writer {
  if (model.kind === 'encoder') throw new Error(noDecoder);
  return new Writer(name, model.writing, ({ frozen }) => ({ weights: frozen }));
}
