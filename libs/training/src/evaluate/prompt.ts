import { join } from 'node:path';
import type { NoMethod } from '#contracts/methods/none.js';
import type { Summary, TrainEvent, Verdict } from '#contracts/trainer-messages.js';
import { unanswerable } from '#contracts/unanswerable.js';
import { unevaluable } from '#contracts/unevaluable.js';
import type { Model } from '#models/model.js';
import { type Dataset, sizesOf } from '#tasks/dataset.js';
import type { Answering } from '../answers/answering.js';
import { answeringOf } from '../answers/table.js';
import { wordIssue } from '../answers/word-issue.js';
import { Contents, verifiedInputs } from '../local-inputs.js';
import { referenceScores, untouchedBackbone } from '../references.js';
import { answerExamples } from '../rows/answer-examples.js';
import { warmDataset, warmTask } from '../rows/warm-task.js';
import { invalid, InvalidTrial, TrainingAborted, type TrainHost, type TrainSignal } from '../signals.js';
import { everything, metricsOf, withScores, unknownMetric } from '../tune/evaluation.js';
import { Pace } from '../tune/pace.js';
import { writePredictions } from '../tune/predictions.js';
import { modelOf } from '../tune/prepare.js';
import { provenanceOf } from '../tune/provenance.js';
import { type Evaluated, progressEvery } from '../tune/run.js';
import type { EvaluateMember } from './member.js';
import { promptReader } from './prompt-reader.js';
import { chosenShots, writtenShots } from './shots.js';

/** Asks the backbone as it is by a prompt that somebody wrote. Throws InvalidTrial, and TrainingAborted soon
 *  after being told. */
export async function* evaluatePrompt(
  member: EvaluateMember,
  prompt: NoMethod,
  signal: TrainSignal,
  host: TrainHost,
): AsyncGenerator<TrainEvent, Verdict> {
  const { attemptId, config, folder } = member;
  const { task } = config;
  const note = (text: string) => ({ type: 'progress', attemptId, step: 0, steps: 0, note: text }) as const;
  const begins = (text: string) => ({ ...note(text), loading: true }) as const;
  const pace = new Pace();
  let told = performance.now();
  /** Work that reports, and is heard between its pieces; null where the trial was cancelled. */
  async function* heeded<R>(
    work: AsyncGenerator<void, R>,
    what: string,
  ): AsyncGenerator<TrainEvent, R | null> {
    yield begins(what);
    for (;;) {
      const piece = await work.next();
      if (piece.done) return piece.value;
      if (signal.aborted || signal.cancelled(attemptId)) {
        await work.return(undefined as never); // frees what the work holds
        if (signal.aborted) throw new TrainingAborted();
        return null;
      }
      if (performance.now() - told > progressEvery) {
        told = performance.now();
        yield note(what);
      }
      await pace.rest();
    }
  }
  yield begins('loading the backbone');
  const contents = new Contents(member.inputs ?? []);
  const model = await modelOf(member, contents, host);
  yield begins('reading the data');
  const answers = await invalid(() => answeringBy(model, member, prompt, contents));
  const encoded = warmTask(task, answers, contents);
  const { dataset } = encoded;
  const inputs = await verifiedInputs(member, host);
  const asking = everything(dataset, answers);
  const of: Partial<Record<'validation' | 'test', Evaluated>> = {};
  const untouched = untouchedBackbone(model, answers);
  try {
    for (const split of ['validation', 'test'] as const) {
      const what = split === 'test' ? 'testing' : 'validating';
      const each = yield* heeded(answerExamples(untouched, encoded.all(split), asking), what);
      if (!each) return { verdict: 'cancelled', attemptId };
      const own = withScores(dataset, split, each[0]!, asking);
      of[split] = own;
      yield { type: 'metrics', attemptId, metrics: metricsOf(own.scores, split, 0) };
    }
  } finally {
    untouched.dispose();
  }
  const references = yield* heeded(referenceScores(model, task, contents), 'measuring the references');
  if (!references) return { verdict: 'cancelled', attemptId };
  const { validation, test } = of as Record<'validation' | 'test', Evaluated>;
  const kept = join(folder, 'predictions');
  writePredictions(kept, dataset, { validation, test });
  yield { type: 'checkpoint', attemptId, kind: 'predictions', step: 0, folder: kept };
  const read = { precision: model.precision, dataHash: dataset.hash, backboneHash: model.hash, inputs };
  const summary: Summary = {
    validation: validation.scores,
    test: test.scores,
    references,
    ...untrainedSummary(model, dataset),
    provenance: await provenanceOf(read),
  };
  return { verdict: 'succeeded', attemptId, summary };
}

/** How the model answers behind the prompt. Throws what can't be. */
function answeringBy(
  model: Model,
  { config }: EvaluateMember,
  prompt: NoMethod,
  contents: Contents,
): Answering {
  const { task, seed } = config;
  const [reason] = [
    ...unanswerable({ task }, { kind: model.kind, name: 'the backbone' }),
    ...unevaluable(config, model.kind),
  ];
  if (reason) throw new InvalidTrial(`${reason.path}: ${reason.message}`);
  const dataset = warmDataset(task, contents);
  const { labelWords } = dataset;
  const { tokenizer } = model;
  const cut = (text: string): string => {
    const { to } = tokenizer.encodePlaced(text);
    return to.length > task.maxLength ? text.slice(0, to[task.maxLength - 1]) : text;
  };
  const shots = chosenShots(dataset, prompt, seed);
  const before = writtenShots(shots, { separator: prompt.separator, labelWords, cut });
  const answers = answeringOf(
    model,
    { task, reader: promptReader(model, prompt, { before, labelWords }) },
    dataset,
  );
  const unknown = unknownMetric(dataset, answers);
  const issue = wordIssue(model, dataset, answers) ?? roomIssue(model, answers, prompt);
  if (issue !== null) throw new InvalidTrial(issue);
  if (unknown)
    throw new InvalidTrial(`${unknown} needs likelihoods, and answers by "${answers.by}" have none`);
  return answers;
}

/** Why examples, text and answer have no room in the model's positions. */
function roomIssue({ kind, maxPositions }: Model, answers: Answering, { shots }: NoMethod): string | null {
  if (maxPositions === null) return null;
  const behind = kind === 'decoder' ? answers.positionsBehind : 0;
  const needed = answers.longest + behind;
  if (needed <= maxPositions) return null;
  const parts = `${shots} examples and a text of up to ${answers.longest} tokens together, and ${behind} tokens behind them`;
  return `method.shots: ${parts} need ${needed} positions, and the model has ${maxPositions}`;
}

function untrainedSummary(
  model: Model,
  dataset: Dataset,
): Omit<Summary, 'validation' | 'test' | 'references' | 'provenance'> {
  return {
    metrics: Object.fromEntries(dataset.metrics.map(({ name, unit, better }) => [name, { unit, better }])),
    reportBy: dataset.reportBy,
    sizes: sizesOf(dataset),
    bestStep: 0,
    steps: 0,
    trainableParameters: 0,
    totalParameters: model.parameterCount,
    trainSeconds: 0,
    compileSeconds: 0,
    stepMs: 0,
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
  };
}
