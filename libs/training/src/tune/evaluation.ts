import * as tf from '@tensorflow/tfjs';
import type { Metric, TrainEvent } from '#contracts/trainer-messages.js';
import { answerExamples } from '../rows/answer-examples.js';
import { noteValidation } from './record.js';
import { active, announcedIn, heard, type Run } from './run.js';
import type { SplitName } from '../rows/warm-task.js';

/** Validates those still trained; keeps the parameters that are the best so far, and stops whose patience has run out. */
export async function* validated(run: Run, step: number): AsyncGenerator<TrainEvent, void> {
  const scores = yield* scored(run, 'validation');
  for (const m of active(run)) {
    const [{ attemptId, config }, record, validation] = [run.members[m]!, run.records[m]!, scores[m]!];
    yield { type: 'metrics', attemptId, metrics: metricsOf(validation, 'validation', step) };
    const value = validation[run.task.dataset.selectBy]!;
    if (!noteValidation(record, { step, value, validation }, config.training.patience)) continue;
    tf.dispose(run.best[m] ?? []);
    run.best[m] = run.gang.parametersOf(m);
  }
}

export async function* scored(run: Run, split: 'validation' | 'test'): AsyncGenerator<TrainEvent, Record<string, number>[]> {
  const what = split === 'test' ? 'testing' : 'validating';
  yield* announcedIn(run, what); // of many texts the first answers take a while
  const predictions = yield* heard(run, answerExamples(run.answerer, run.task.all(split)), what);
  return predictions.map((p) => run.task.dataset.score(split, p));
}

export function metricsOf(scores: Record<string, number>, split: SplitName, step: number): Metric[] {
  return Object.entries(scores).map(([name, value]) => ({ name, split, step, value }));
}
