import * as tf from '@tensorflow/tfjs';
import type { Kind } from '#contracts/kind.js';
import type { Task } from '#contracts/task.js';
import { answerBy } from '#contracts/unanswerable.js';
import { inLanes } from '#engine/step/lanes.js';
import { Step, type Tensors } from '#engine/step/step.js';
import { Writer } from '#models/generate/writer.js';
import type { Model } from '#models/model.js';
import type { Dataset, MixedTask } from '#tasks/dataset.js';
import type { Said } from '#tasks/example.js';
import { type Metric, valueOf } from '#tasks/metrics/metric.js';
import { saidOf } from '#tasks/mixture.js';
import { type Answering, tokensOf } from './answers/answering.js';
import { answeringOf } from './answers/table.js';
import { wordIssue } from './answers/word-issue.js';
import { writtenTexts } from './answers/writing.js';
import { Contents } from './local-inputs.js';
import { type Answerer, answerExamples, type SaidOf } from './rows/answer-examples.js';
import { answeringReader } from './rows/row-reader.js';
import { type EncodedTask, warmDataset, warmTask } from './rows/warm-task.js';
import { Warm } from './warm/warm.js';

const known = new Warm<Record<string, number>>(64, () => 1);

/** Scores of the test examples without training of ours, by the metric that the dataset reports: what its
 *  kind knows without a model (the most frequent class, naive Bayes …), and the backbone untouched. An
 *  untouched backbone has no head to answer by. Of a mixture each task's ("rte/majority"), and their means
 *  first. */
export async function* referenceScores(
  model: Model,
  task: Task,
  contents = new Contents(),
): AsyncGenerator<void, Record<string, number>> {
  const dataset = warmDataset(task, contents);
  const key = `${model.hash} ${model.precision} ${dataset.hash} ${JSON.stringify(task)}`;
  const before = known.get(key);
  if (before) return before;
  const tasks = dataset.tasks ?? [{ name: '', dataset }];
  const own = tasks.map((task) => ofDataset(task.dataset));
  yield;
  const answers = untouchedAnswers(model, task, dataset);
  if (answers) {
    const metric = reportedOf(dataset);
    const of = yield* zeroShot(model, warmTask(task, answers, contents), answers, metric.needs);
    for (const [i, task] of tasks.entries()) {
      const its = dataset.tasks ? { said: saidOf(dataset.tasks, i, dataset.test, of.said) } : of;
      own[i]!['zero-shot'] = valueOf(reportedOf(task.dataset), task.dataset.test, its);
    }
  }
  return known.keep(key, dataset.tasks ? { ...means(own), ...named(dataset.tasks, own) } : own[0]!);
}

/** How the untouched backbone answers; null where that takes a head, or words that it can't tell apart. */
function untouchedAnswers(model: Model, task: Task, dataset: Dataset): Answering | null {
  const { by: _given, ...writing } = task.answer;
  const by = answerBy({ task }, model.kind);
  const words = by === 'head' && dataset.kind === 'class';
  const asked = words ? { ...task, answer: { ...writing, by: 'label-words' as const } } : task;
  if (answerBy({ task: asked }, model.kind) === 'head') return null;
  const answers = answeringOf(model, { task: asked }, dataset);
  return wordIssue(model, dataset, answers) === null ? answers : null;
}

const ofDataset = (dataset: Dataset): Record<string, number> =>
  Object.fromEntries(
    Object.entries(dataset.references).map(([name, said]) => [name, reported(dataset, said())]),
  );

const reported = (dataset: Dataset, said: readonly Said[Kind][]): number =>
  valueOf(reportedOf(dataset), dataset.test, { said });

const reportedOf = ({ metrics, reportBy }: Dataset): Metric<Kind> =>
  metrics.find(({ name }) => name === reportBy)!;

function means(own: readonly Record<string, number>[]): Record<string, number> {
  const mean = (name: string) => own.reduce((sum, scores) => sum + scores[name]!, 0) / own.length;
  return Object.fromEntries(Object.keys(own[0]!).map((name) => [name, mean(name)]));
}

const named = (tasks: readonly MixedTask[], own: readonly Record<string, number>[]): Record<string, number> =>
  Object.fromEntries(
    own.flatMap((scores, i) => Object.entries(scores).map(([name, v]) => [`${tasks[i]!.name}/${name}`, v])),
  );

async function* zeroShot(
  model: Model,
  task: EncodedTask,
  answers: Answering,
  needs: Metric<Kind>['needs'],
): AsyncGenerator<void, SaidOf> {
  const untouched = untouchedBackbone(model, answers);
  try {
    const asking = { said: needs === 'said', likelihood: needs === 'likelihood' };
    const [own] = yield* answerExamples(untouched, task.all('test'), asking);
    return own!;
  } finally {
    untouched.dispose();
  }
}

/** The backbone as it is, asked by an answering. The caller disposes of it. */
export function untouchedBackbone(model: Model, answers: Answering): Answerer & { dispose(): void } {
  const constants = answers.constants();
  const frozen = model.weights as Tensors;
  const { precision } = model;
  const name = `untouched ${model.hash.slice(0, 8)}`;
  const run = ({ frozen, constants, batch }: { frozen: Tensors; constants: Tensors; batch: Tensors }) => {
    const outputs = (part: Tensors) =>
      answers.outputs({ weights: frozen, adaptation: {}, batch: part, constants });
    return { state: {}, outputs: { scores: inLanes(batch, 1, outputs) } };
  };
  const score = new Step(name, run, { xla: false, precision });
  const writer =
    answers.writing && model.kind !== 'encoder'
      ? new Writer(name, model.writing, ({ frozen }) => ({ weights: frozen }), { precision })
      : undefined;
  return {
    members: 1,
    answers,
    read: answeringReader(answers, 1),
    score(batch) {
      const { outputs } = score.run({ frozen, constants, state: {}, batch, scalars: {} });
      const scored = {
        rows: Object.values(batch)[0]!.shape[0]!,
        scores: outputs['scores']!.dataSync() as Float32Array,
      };
      tf.dispose([outputs, batch]);
      return scored;
    },
    write(batch, streams) {
      const { ids, mask } = tokensOf(batch);
      const given = { frozen, constants, state: {}, batch: { ids, mask } };
      const texts = writtenTexts(model, writer!, given, { ...answers.writing!, streams });
      tf.dispose(batch);
      return texts;
    },
    dispose() {
      tf.dispose(constants);
      score.dispose();
      writer?.dispose();
    },
  };
}
