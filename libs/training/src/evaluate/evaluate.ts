import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { changesBackbone } from '#contracts/sharing.js';
import type { Summary, TrainEvent, Verdict } from '#contracts/trainer-messages.js';
import { askedTask, evaluatedBy, type EvaluateConfig } from '#contracts/trial.js';
import { unevaluable } from '#contracts/unevaluable.js';
import { answeringParameters } from '#methods/files/trained-parameters.js';
import type { Parameters } from '#methods/method.js';
import { otherLabels } from '#tasks/check/asked-data.js';
import { referenceScores } from '../references.js';
import { warmDataset } from '../rows/warm-task.js';
import { invalid, InvalidTrial, type TrainHost, type TrainSignal } from '../signals.js';
import { type Evaluated, announceIn, heard, type Run } from '../tune/run.js';
import { evaluate, metricsOf } from '../tune/evaluation.js';
import type { TuneMember } from '../tune/member.js';
import { type Beginning, prepare } from '../tune/prepare.js';
import { writePredictions } from '../tune/predictions.js';
import { summaryOf } from '../tune/results.js';
import type { EvaluateMember } from './member.js';
import { together } from './ensemble.js';
import { evaluatePrompt } from './prompt.js';

/** What the trained members said of both splits, in their order. */
type Answered = Record<'validation' | 'test', Evaluated[]>;

/** Asks what other trials have trained, without a step: of another task, or several together. Those that can
 *  share a step are read in one pass, as a gang that is tested. Throws InvalidTrial, and TrainingAborted soon
 *  after being told. */
export async function* evaluateTrial(
  member: EvaluateMember,
  signal: TrainSignal,
  host: TrainHost,
): AsyncGenerator<TrainEvent, Verdict> {
  const { attemptId, config } = member;
  if (config.method.name === 'none') return yield* evaluatePrompt(member, config.method, signal, host);
  const asked = askedMembers(member);
  const groups = changesBackbone(config.method) ? asked.map((one) => [one]) : [asked];
  const answered: Answered = { validation: [], test: [] };
  for (const [g, group] of groups.entries()) {
    const run = yield* prepare(group, signal, host, parametersOf(config));
    try {
      for (const split of ['validation', 'test'] as const)
        answered[split].push(...(yield* evaluate(run, split)));
      if (signal.cancelled(attemptId)) return { verdict: 'cancelled', attemptId };
      if (g < groups.length - 1) continue;
      const summary = yield* concluded(member, run, answered);
      return { verdict: 'succeeded', attemptId, summary };
    } finally {
      run.gang.dispose();
      tf.dispose(run.best as never);
    }
  }
  throw new Error('an evaluation asks nobody');
}

/** The trials that are asked, as if each was tuned on the task that is asked and had come to its end. */
function askedMembers(member: EvaluateMember): TuneMember[] {
  const { config, evaluatedFolders = [] } = member;
  return evaluatedBy(config).map(({ from: _before, ...trained }, i) => ({
    ...member,
    config: { ...trained, task: askedTask(config), training: { ...trained.training, steps: 1 } },
    sourceFolder: evaluatedFolders[i] ?? null,
    resumeFolder: null,
  }));
}

/** The parameters that were trained, heads among them: these answer the labels that they were trained for. */
function parametersOf(config: EvaluateConfig): Beginning {
  return async (members, model, answers) => {
    const [reason] = unevaluable(config, model.kind);
    if (reason) throw new InvalidTrial(`${reason.path}: ${reason.message}`);
    if (answers.by === 'head') await refuseOtherLabels(config);
    const each: Parameters[] = [];
    for (const { config: trained, sourceFolder } of members) {
      if (sourceFolder === null) throw new Error('the trial that is asked left no parameters');
      each.push(
        await answeringParameters(sourceFolder, model, { config: trained.method, head: answers.head }),
      );
    }
    return each;
  };
}

async function refuseOtherLabels(config: EvaluateConfig): Promise<void> {
  const [own, asked] = await invalid(() =>
    [config.task, askedTask(config)].map((task) => warmDataset(task).labels),
  );
  const message = otherLabels(own!, asked!);
  if (message !== null) throw new InvalidTrial(`evaluate.task: ${message}`);
}

/** Scores, references and kept predictions. */
async function* concluded(
  { attemptId, config, folder }: EvaluateMember,
  run: Run,
  answered: Answered,
): AsyncGenerator<TrainEvent, Summary> {
  const { dataset } = run.task;
  const what = 'measuring the references';
  yield* announceIn(run, what);
  const references = yield* heard(run, referenceScores(run.model, askedTask(config), run.contents), what);
  const { ensemble } = config.evaluate!;
  const of = (split: 'validation' | 'test') => together(dataset, split, answered[split], ensemble);
  const [validation, test] = [of('validation'), of('test')];
  yield { type: 'metrics', attemptId, metrics: metricsOf(validation.scores, 'validation', 0) };
  yield { type: 'metrics', attemptId, metrics: metricsOf(test.scores, 'test', 0) };
  const kept = join(folder, 'predictions');
  writePredictions(kept, dataset, { validation, test });
  yield { type: 'checkpoint', attemptId, kind: 'predictions', step: 0, folder: kept };
  const own = await summaryOf(run, 0, { validation: validation.scores, test: test.scores, references });
  const members = answered.test.length;
  return {
    ...own,
    metrics: { ...own.metrics, ...test.scales },
    steps: 0,
    trainableParameters: members * own.trainableParameters,
    ...(own.headParameters !== undefined && { headParameters: members * own.headParameters }),
    totalParameters: own.totalParameters + (members - 1) * own.trainableParameters,
  };
}
