import * as tf from '@tensorflow/tfjs';
import type { Metric, TrainEvent } from '#contracts/trainer-messages.js';
import { scoresOf } from '#tasks/dataset.js';
import type { Kind } from '#contracts/kind.js';
import type { Said } from '#tasks/example.js';
import { answerExamples } from '../rows/answer-examples.js';
import { noteValidation } from './record.js';
import { active, announcedIn, heard, type Run } from './run.js';
import type { SplitName } from '../rows/warm-task.js';

/** What one member said of a split, and how well. */
export interface Evaluated {
  said: Said[Kind][];
  scores: Record<string, number>;
}

/** Validates those still trained; keeps the parameters that are the best so far, and stops whose patience has run out. */
export async function* validate(run: Run, step: number): AsyncGenerator<TrainEvent, void> {
  const { metrics, validateBy } = run.task.dataset;
  const { better } = metrics.find((metric) => metric.name === validateBy)!;
  const evaluated = yield* evaluate(run, 'validation');
  for (const m of active(run)) {
    const [{ attemptId, config }, record] = [run.members[m]!, run.records[m]!];
    const { scores, said } = evaluated[m]!;
    yield { type: 'metrics', attemptId, metrics: metricsOf(scores, 'validation', step) };
    const validated = { step, value: scores[validateBy]!, validation: scores };
    if (!noteValidation(record, validated, { patience: config.training.patience, better })) continue;
    tf.dispose(run.best[m] ?? []);
    run.best[m] = run.gang.parametersOf(m);
    run.said[m] = said;
  }
}

/** Answers a split once for all members, each as it is now. */
export async function* evaluate(run: Run, split: 'validation' | 'test'): AsyncGenerator<TrainEvent, Evaluated[]> {
  const what = split === 'test' ? 'testing' : 'validating';
  yield* announcedIn(run, what); // of many texts the first answers take a while
  const each = yield* heard(run, answerExamples(run.answerer, run.task.all(split)), what);
  return each.map((said) => ({ said, scores: scoresOf(run.task.dataset, split, { said }) }));
}

export function metricsOf(scores: Record<string, number>, split: SplitName, step: number): Metric[] {
  return Object.entries(scores).map(([name, value]) => ({ name, split, step, value }));
}
