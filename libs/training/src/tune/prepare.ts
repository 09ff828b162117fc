import * as tf from '@tensorflow/tfjs';
import type { Member, TrainEvent } from '#contracts/trainer-messages.js';
import type { TuneConfig } from '#contracts/trial.js';
import { unanswerable } from '#contracts/unanswerable.js';
import type { Parameters } from '#methods/method.js';
import type { Model } from '#models/model.js';
import type { Dataset } from '#tasks/dataset.js';
import type { Answering } from '../answers/answering.js';
import { answeringOf } from '../answers/table.js';
import { wordIssue } from '../answers/word-issue.js';
import { answererOf } from './answerer.js';
import { backboneFolder } from '../warm/backbone-folder.js';
import { checkRoom } from './check-room.js';
import { DataOrder, mixed, shuffled } from './data-order.js';
import { Gang } from '../gang/gang.js';
import { unknownMetric } from './evaluation.js';
import { methodFor } from './method-for.js';
import { Pace } from './pace.js';
import { Phases } from './phases.js';
import { readResumeState } from './resume-state.js';
import { invalid, InvalidTrial, type TrainHost, type TrainSignal } from '../signals.js';
import { Contents, verifiedInputs } from '../local-inputs.js';
import { startsOf } from './starting-from.js';
import { Stopwatch } from './stopwatch.js';
import { statesOf } from './checkpoints.js';
import { newRecord, type TuneRecord } from './record.js';
import type { TuneMember } from './member.js';
import { announce, type Run } from './run.js';
import { warmModel } from '../warm/warm-models.js';
import { warmDataset, warmTask } from '../rows/warm-task.js';

const resumeEvery = 30; // seconds, where neither config nor host says

/** What members' parameters begin with. The caller owns the tensors. */
export type Beginning = (
  members: readonly TuneMember[],
  model: Model,
  answers: Answering,
) => Promise<(Parameters | undefined)[]>;

/** Backbone, task and gang loaded, and resumed where every member has a resume state; says what it reads.
 *  Throws InvalidTrial. */
export async function* prepare(
  members: readonly TuneMember[],
  signal: TrainSignal,
  host: TrainHost,
  beginning: Beginning = startsOf,
): AsyncGenerator<TrainEvent, Run> {
  const [first] = members as [TuneMember];
  const begins = (what: string) => announce(members, () => 0, what);
  const phases = new Phases();
  yield* begins('loading the backbone');
  const contents = new Contents(members.flatMap((m) => m.inputs ?? []));
  const model = await modelOf(first, contents, host);
  const { task: taskConfig, method } = first.config;
  const [reason] = unanswerable(first.config, {
    kind: model.kind,
    name: 'the backbone',
    family: model.family,
    masks: model.kind !== 'encoder' || model.maskLogits !== undefined,
  });
  if (reason) throw new InvalidTrial(`${reason.path}: ${reason.message}`);
  phases.enter('data');
  yield* begins('reading the data');
  const { task, answers } = await invalid(() => {
    methodFor(method, { head: null }).check(method, model); // before what may take long
    const made = answeringOf(model, first.config, warmDataset(taskConfig, contents));
    const { selectBy } = first.config.training;
    return { task: warmTask(taskConfig, made, contents).selectedBy(selectBy), answers: made };
  });
  const unknown = unknownMetric(task.dataset, answers);
  if (unknown)
    throw new InvalidTrial(`${unknown} needs likelihoods, and answers by "${answers.by}" have none`);
  const issue = wordIssue(model, task.dataset, answers);
  if (issue !== null) throw new InvalidTrial(issue);
  // that what was read is what was asked for
  const inputs = await Promise.all(members.map((m) => verifiedInputs(m, host)));
  const configs = members.map((m) => m.config);
  phases.enter('loading');
  yield* begins('loading what it starts from');
  await invalid(() => checkRoom(model, configs, answers));
  const starts = await beginning(members, model, answers);
  const gang = await invalid(() => new Gang(model, configs, answers, starts));
  const resumed = members.map((m) =>
    m.resumeFolder ? readResumeState<TuneRecord>(m.resumeFolder) : undefined,
  );
  const states = resumed.map((r) => r && statesOf(r.tensors));
  if (states.every((p) => p !== undefined)) {
    gang.restore(states.map((p) => p.state));
    tf.dispose(states.map((p) => p.state) as never);
  }
  return {
    members,
    inputs,
    contents,
    signal,
    model,
    task,
    gang,
    answerer: answererOf(gang),
    orders: configs.map((c) => orderOf(c, task.dataset)),
    records: resumed.map((r) => r?.record ?? newRecord()),
    best: states.map((p) => p?.best),
    validated: members.map(() => undefined),
    verdicts: members.map(() => undefined),
    resumeEvery: host.resumeEvery ?? resumeEvery,
    watch: new Stopwatch(),
    pace: new Pace(),
    phases,
    savedAt: performance.now(),
    told: performance.now(),
  };
}

/** The backbone that a trial starts from. Throws InvalidTrial where a folder of the user's holds none. */
export async function modelOf(
  { config, backboneFolder: checkpoint }: Pick<Member, 'backboneFolder'> & { config: OnBackbone },
  contents: Contents,
  host: TrainHost,
): Promise<Model> {
  const { backbone, training } = config;
  const folder = await backboneFolder(backbone, checkpoint, host);
  return backbone.folder && !checkpoint
    ? invalid(() => warmModel(folder, contents, training.precision))
    : warmModel(folder, undefined, training.precision);
}

type OnBackbone = Pick<TuneConfig, 'backbone' | 'training'>;

function orderOf({ seed, training: { batch } }: TuneConfig, { train, tasks }: Dataset): DataOrder {
  const sized = tasks?.map(({ name, share, dataset }) => ({ name, share, examples: dataset.train.length }));
  return new DataOrder(sized ? mixed(seed, sized) : shuffled(seed, train.length), batch);
}
