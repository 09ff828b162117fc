import * as tf from '@tensorflow/tfjs';
import type { Metric, TrainEvent } from '#contracts/trainer-messages.js';
import type { Dataset } from '#tasks/dataset.js';
import { definedOn, valueOf } from '#tasks/metrics/metric.js';
import type { Answering } from '../answers/answering.js';
import { answerExamples, type Asking, type SaidOf } from '../rows/answer-examples.js';
import type { SplitName } from '../rows/warm-task.js';
import { noteValidation } from './record.js';
import { active, announceIn, type Evaluated, heard, type Run } from './run.js';

/** Validates those still trained; keeps the parameters that are the best so far, and stops whose patience has
 *  run out. */
export async function* validate(run: Run, step: number): AsyncGenerator<TrainEvent, void> {
  const { metrics, validateBy } = run.task.dataset;
  const { better } = metrics.find((metric) => metric.name === validateBy)!;
  const evaluated = yield* evaluate(run, 'validation', choosing(run.task.dataset, run.gang.answers));
  for (const m of active(run)) {
    const [{ attemptId, config }, record] = [run.members[m]!, run.records[m]!];
    const { scores } = evaluated[m]!;
    yield { type: 'metrics', attemptId, metrics: metricsOf(scores, 'validation', step) };
    const validated = { step, value: scores[validateBy]!, validation: scores };
    if (!noteValidation(record, validated, { patience: config.training.patience, better })) continue;
    tf.dispose(run.best[m] ?? []);
    run.best[m] = run.gang.parametersOf(m);
    run.validated[m] = evaluated[m];
  }
}

/** Answers a split once for all members, each as it is now. */
export async function* evaluate(
  run: Run,
  split: 'validation' | 'test',
  asking: Asking = everything(run.task.dataset, run.gang.answers),
): AsyncGenerator<TrainEvent, Evaluated[]> {
  run.phases.enter(split);
  const what = split === 'test' ? 'testing' : 'validating';
  yield* announceIn(run, what); // of many texts the first answers take a while
  const each = yield* heard(run, answerExamples(run.answerer, run.task.all(split), asking), what);
  return each.map((of) => withScores(run.task.dataset, split, of, asking));
}

/** What was said of a split with the scores of what was asked. */
export function withScores(
  dataset: Dataset,
  split: 'validation' | 'test',
  of: SaidOf,
  asking: Asking,
): Evaluated {
  const { [split]: examples } = dataset;
  const metrics = definedOn(dataset.metrics, examples);
  const told = metrics.filter(({ needs }) => asking[needs]);
  const scores = told.map((metric) => [metric.name, valueOf(metric, examples, of)] as const);
  return { ...of, scores: Object.fromEntries(scores), whole: told.length === metrics.length };
}

/** All that the metrics need, and likelihoods too where they cost nothing. */
export function everything({ metrics }: Dataset, answers: Answering): Asking {
  const { writing, likelihood, likelihoodOnDemand = false } = answers;
  const needed = metrics.some(({ needs }) => needs === 'likelihood');
  const free = !writing && !likelihoodOnDemand;
  return { said: true, likelihood: likelihood !== undefined && (needed || free) };
}

/** What the metric that chooses checkpoints needs; all, where nothing is written. */
function choosing(dataset: Dataset, answers: Answering): Asking {
  if (!answers.writing) return everything(dataset, answers);
  const { needs } = dataset.metrics.find((metric) => metric.name === dataset.validateBy)!;
  return { said: needs === 'said', likelihood: needs === 'likelihood' };
}

/** The metric that such answers can't have, as no likelihood is known; null where there is none. */
export function unknownMetric(
  { metrics }: Pick<Dataset, 'metrics'>,
  { likelihood }: Answering,
): string | null {
  if (likelihood) return null;
  return metrics.find(({ needs }) => needs === 'likelihood')?.name ?? null;
}

export function metricsOf(scores: Record<string, number>, split: SplitName, step: number): Metric[] {
  return Object.entries(scores).map(([name, value]) => ({ name, split, step, value }));
}
