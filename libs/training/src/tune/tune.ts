import * as tf from '@tensorflow/tfjs';
import type { TrainEvent, Verdict } from '#contracts/trainer-messages.js';
import type { Tensors } from '#engine/step/step.js';
import { readOnce } from '../read-once/read-once.js';
import type { TrainHost, TrainSignal } from '../signals.js';
import { resumeDue, save } from './checkpoints.js';
import { validate } from './evaluation.js';
import { prepare } from './prepare.js';
import { finish } from './results.js';
import type { TuneMember } from './member.js';
import { active, announceIn, heed, progress, type Run } from './run.js';

const pointsOfCurve = 100;
const longestAverage = 50; // steps that a point of the training curve stands for, at most

/** Trains a gang (one step for all its members) on a task: validates, keeps each member's best parameters by
 *  validation, and tests once with them. A member that diverges, stops early or is cancelled leaves the
 *  others as they are. Throws TrainingAborted within a step of being told. Members must agree in all but
 *  seed, learning rate and the sizes that their method pads. */
export async function* tune(
  members: readonly TuneMember[],
  signal: TrainSignal,
  host: TrainHost,
): AsyncGenerator<TrainEvent, Verdict[]> {
  const run = yield* prepare(members, signal, host);
  try {
    run.phases.enter('reading once');
    if (members[0]!.config.training.steps > 0) yield* readOnce(run, host);
    run.phases.enter('training');
    yield* announceIn(run, 'compiling');
    yield* trainSteps(run);
    yield* finish(run);
    return run.verdicts.map((v) => v!);
  } finally {
    run.gang.dispose();
    tf.dispose(run.best as never);
  }
}

async function* trainSteps(run: Run): AsyncGenerator<TrainEvent, void> {
  const { training } = run.members[0]!.config;
  if (training.steps === 0) return yield* validate(run, 0); // what it starts from is evaluated as it is
  const every = Math.min(longestAverage, Math.ceil(training.steps / pointsOfCurve));
  for (let step = run.records[0]!.step + 1; step <= training.steps; step++) {
    heed(run);
    if (active(run).length === 0) return;
    run.watch.start();
    const losses = run.gang.train(batchAt(run, step), step);
    run.watch.stop(run.gang.compileSeconds);
    yield* recordLosses(run, step, losses, step % every === 0 || step === training.steps);
    const last = step === training.steps;
    if (last || (training.evaluateEvery !== null && step % training.evaluateEvery === 0)) {
      yield* validate(run, step);
      run.phases.enter('training');
    }
    if (!last && resumeDue(run, step)) yield* save(run, step);
    yield* progress(run, 'training');
    await run.pace.rest();
  }
}

/** Rows of all forward passes of a step, a block for each pass and member. */
function batchAt(run: Run, step: number): Tensors {
  const { accumulation } = run.members[0]!.config.training;
  const passes = Array.from({ length: accumulation }, (_, a) =>
    run.orders.map((order) =>
      order.turnsAt((step - 1) * accumulation + a).map(({ index, epoch }) => run.task.trained(index, epoch)),
    ),
  );
  return run.answerer.read(passes.flat());
}

/** Puts losses into the records; a member whose loss is no number has diverged. */
function* recordLosses(run: Run, step: number, losses: Float32Array, point: boolean): Generator<TrainEvent> {
  for (const m of active(run)) {
    const [{ attemptId }, record, loss] = [run.members[m]!, run.records[m]!, losses[m]!];
    if (!Number.isFinite(loss)) {
      const message = `loss ${loss} at step ${step}`;
      run.verdicts[m] = { verdict: 'failed', attemptId, cause: 'diverged', message };
      continue;
    }
    record.step = step;
    record.curve.push(loss);
    if (!point) continue;
    const curve = record.curve.splice(0);
    const value = curve.reduce((a, b) => a + b, 0) / curve.length;
    yield { type: 'metrics', attemptId, metrics: [{ name: 'loss', split: 'train', step, value }] };
  }
}
