import * as tf from '@tensorflow/tfjs';
import type { Task } from '#contracts/task.js';
import { inLanes } from '#engine/step/lanes.js';
import { Step, type Tensors } from '#engine/step/step.js';
import { labelWordIssue } from '#models/label-words.js';
import type { Model } from '#models/model.js';
import { majority, naiveBayes } from '#tasks/baselines.js';
import { majorityTag, wordTags } from '#tasks/tagging/baselines.js';
import { byPart } from '#tasks/mixture.js';
import type { Dataset, MixedPart } from '#tasks/task.js';
import { accuracy } from '#tasks/metrics/classification.js';
import { answeringOf } from './answers/answer.js';
import { type Classes, tokensOf } from './answers/answering.js';
import { type Answerer, answerExamples, likeliest } from './rows/answer-examples.js';
import { decodedAnswers } from './answers/decoded-answers.js';
import { tokenReader } from './rows/row-reader.js';
import { Warm } from './warm/warm.js';
import type { EncodedTask } from './rows/warm-task.js';

type Asked = Pick<Task, 'name' | 'scoring'>;

const known = new Warm<Record<string, number>>(64, () => 1);

/** Test accuracy of what needs no training of ours: the most frequent class, naive Bayes on the words, and the backbone untouched. Where words are
 *  tagged, what the dataset selects by, of the most frequent tag and of each word's own: an untouched backbone has no head to say tags. Of a mixture
 *  each task's ("rte/majority"), and their means in front. */
export async function* baselines(model: Model, task: EncodedTask, asked: Asked): AsyncGenerator<void, Record<string, number>> {
  const { dataset } = task;
  const key = `${model.hash} ${dataset.hash} ${asked.scoring}`;
  const before = known.get(key);
  if (before) return before;
  const parts = dataset.parts ?? [{ name: '', dataset }];
  const own = parts.map((part) => (part.dataset.tagging ? ofTags(part.dataset) : ofWords(part.dataset)));
  yield;
  if (!dataset.tagging && labelWordIssue(model, { ...task.classes, labels: dataset.labels }, asked.scoring) === null) {
    const said = yield* zeroShot(model, task, asked);
    const each = dataset.parts ? byPart(dataset.parts, 'test', said) : [said];
    for (const [i, part] of parts.entries()) own[i]!['zero-shot'] = accuracy(labelsOf(part.dataset), each[i]!);
  }
  return known.keep(key, dataset.parts ? { ...means(own), ...named(dataset.parts, own) } : own[0]!);
}

function ofTags(dataset: Dataset): Record<string, number> {
  const score = (said: Int32Array) => dataset.score('test', said)[dataset.selectBy]!;
  return { majority: score(majorityTag(dataset)), 'word-tags': score(wordTags(dataset)) };
}

function ofWords(dataset: Dataset): Record<string, number> {
  const score = (said: Int32Array) => accuracy(labelsOf(dataset), said);
  return { majority: score(majority(dataset)), 'naive-bayes': score(naiveBayes(dataset)) };
}

const labelsOf = ({ test }: Dataset): number[] => test.map((e) => e.label);

function means(own: readonly Record<string, number>[]): Record<string, number> {
  const mean = (name: string) => own.reduce((sum, scores) => sum + scores[name]!, 0) / own.length;
  return Object.fromEntries(Object.keys(own[0]!).map((name) => [name, mean(name)]));
}

const named = (parts: readonly MixedPart[], own: readonly Record<string, number>[]): Record<string, number> =>
  Object.fromEntries(own.flatMap((scores, i) => Object.entries(scores).map(([name, v]) => [`${parts[i]!.name}/${name}`, v])));

async function* zeroShot(model: Model, task: EncodedTask, asked: Asked): AsyncGenerator<void, Int32Array> {
  const untouched = untouchedBackbone(model, task, asked);
  try {
    const [predictions] = yield* answerExamples(untouched, task.all('test'));
    return predictions!;
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
  return {
    members: 1,
    fanOut: answers.fanOut,
    read: tokenReader({ padId: model.tokenizer.padId, longest: task.longest, members: 1 }),
    answer(batch) {
      if (asked.scoring === 'decode') return decoded(model, classes, batch);
      const { outputs } = score.run({ frozen, constants, state: {}, batch, scalars: {} });
      const scores = outputs['scores']!;
      const answered = likeliest({ scores: scores.dataSync() as Float32Array, classes: scores.shape[1]! });
      tf.dispose([outputs, batch]);
      return answered;
    },
    dispose() {
      tf.dispose(constants);
      score.dispose();
    },
  };
}

function decoded(model: Model, classes: Classes, batch: Tensors): Int32Array {
  let answers: Int32Array = new Int32Array();
  tf.tidy(() => {
    answers = decodedAnswers(model, model.weights, { tokens: tokensOf(batch) }, classes, {});
  });
  tf.dispose(batch);
  return answers;
}
