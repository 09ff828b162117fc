import * as tf from '@tensorflow/tfjs';
import type { Task } from '#contracts/task.js';
import { inLanes } from '#engine/lanes.js';
import { Step, type Tensors } from '#engine/step.js';
import type { Model } from '#models/model.js';
import { majority, naiveBayes } from '#tasks/baselines.js';
import { majorityTag, wordTags } from '#tasks/tagging/baselines.js';
import type { Dataset } from '#tasks/task.js';
import { accuracy } from '#tasks/metrics/classification.js';
import { answering } from './answer.js';
import { tokensOf } from './answering.js';
import { type Answerer, answerExamples, likeliest } from './answer-examples.js';
import { decodedAnswers } from './decoded-answers.js';
import { tokenReader } from './row-reader.js';
import { Warm } from './warm.js';
import type { EncodedTask } from './warm-task.js';

const known = new Warm<Record<string, number>>(64, () => 1);

/** Test accuracy of what needs no training of ours: the most frequent class, naive Bayes on the words, and the backbone untouched. Where words are
 *  tagged, what the dataset selects by, of the most frequent tag and of each word's own: an untouched backbone has no head to say tags. */
export async function* baselines(
  model: Model,
  task: EncodedTask,
  scoring: Task['scoring'],
): AsyncGenerator<void, Record<string, number>> {
  const { dataset } = task;
  const key = `${model.hash} ${dataset.hash} ${scoring}`;
  const before = known.get(key);
  if (before) return before;
  if (dataset.tagging) return known.keep(key, taggingBaselines(dataset));
  const labels = dataset.test.map((e) => e.label);
  const words = { majority: accuracy(labels, majority(dataset)), 'naive-bayes': accuracy(labels, naiveBayes(dataset)) };
  yield;
  const untouched = untouchedBackbone(model, task, scoring);
  try {
    const [predictions] = yield* answerExamples(untouched, task.all('test'));
    return known.keep(key, { ...words, 'zero-shot': accuracy(labels, predictions!) });
  } finally {
    untouched.dispose();
  }
}

function taggingBaselines(dataset: Dataset): Record<string, number> {
  const score = (said: Int32Array) => dataset.score('test', said)[dataset.selectBy]!;
  return { majority: score(majorityTag(dataset)), 'word-tags': score(wordTags(dataset)) };
}

function untouchedBackbone(model: Model, task: EncodedTask, scoring: Task['scoring']): Answerer & { dispose(): void } {
  const { labelWords } = task.dataset;
  const answers = answering(model, labelWords, { scoring });
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
      if (scoring === 'decode') return decoded(model, labelWords, batch);
      const { outputs } = score.run({ frozen, constants, state: {}, batch, scalars: {} });
      const scores = outputs['scores']!;
      const classes = likeliest({ scores: scores.dataSync() as Float32Array, classes: scores.shape[1]! });
      tf.dispose([outputs, batch]);
      return classes;
    },
    dispose() {
      tf.dispose(constants);
      score.dispose();
    },
  };
}

function decoded(model: Model, labelWords: readonly string[], batch: Tensors): Int32Array {
  let answers: Int32Array = new Int32Array();
  tf.tidy(() => {
    answers = decodedAnswers(model, model.weights, { tokens: tokensOf(batch) }, labelWords, {});
  });
  tf.dispose(batch);
  return answers;
}
