import * as tf from '@tensorflow/tfjs';
import { trainsHead } from '#contracts/method.js';
import type { TrainEvent } from '#contracts/trainer-messages.js';
import type { TuneConfig } from '#contracts/trial.js';
import { labelWordIssue } from '#models/label-words.js';
import type { Dataset } from '#tasks/dataset.js';
import type { Answerer } from '../rows/answer-examples.js';
import { answeringOf } from '../answers/answer.js';
import { backboneFolder } from '../warm/backbone-folder.js';
import { checkRoom } from './check-room.js';
import { DataOrder, mixed, shuffled } from './data-order.js';
import { Gang } from '../gang/gang.js';
import { methodFor } from './method-for.js';
import { Pace } from './pace.js';
import { readResumeState } from './resume-state.js';
import { tokenReader } from '../rows/row-reader.js';
import { invalid, InvalidTrial, type TrainHost, type TrainSignal } from '../signals.js';
import { Contents, verifiedInputs } from '../local-inputs.js';
import { startsOf } from './starting-from.js';
import { Stopwatch } from './stopwatch.js';
import { partsOf } from './checkpoints.js';
import { newRecord, type TuneRecord } from './record.js';
import type { TuneMember } from './member.js';
import { announced, type Run } from './run.js';
import { warmModel } from '../warm/warm-models.js';
import { type EncodedTask, warmTask } from '../rows/warm-task.js';

const resumeEvery = 30; // seconds, where neither config nor host says

/** Backbone, task and gang loaded, and resumed where every member has a resume state; says what it reads. Throws InvalidTrial. */
export async function* prepared(
  members: readonly TuneMember[],
  signal: TrainSignal,
  host: TrainHost,
): AsyncGenerator<TrainEvent, Run> {
  const [first] = members as [TuneMember];
  const begins = (what: string) => announced(members, () => 0, what);
  yield* begins('loading the backbone');
  const contents = new Contents(members.flatMap((m) => m.inputs ?? []));
  const folder = await backboneFolder(first.config.backbone, first.backboneFolder, host);
  const model = await (first.config.backbone.folder && !first.backboneFolder
    ? invalid(() => warmModel(folder, contents))
    : warmModel(folder));
  const { task: taskConfig } = first.config;
  if (taskConfig.scoring === 'decode' && model.kind === 'encoder')
    throw new InvalidTrial('task.scoring is "decode", and the backbone has no decoder; expected "label-words"');
  yield* begins('reading the data');
  const task = await invalid(() => {
    methodFor(first.config).check(first.config.method, model);
    return warmTask(taskConfig, model, first.config.method, contents);
  });
  const { dataset, classes } = task;
  const byWords = dataset.kind === 'class' && !trainsHead(first.config.method);
  const issue = byWords ? labelWordIssue(model, { ...classes, labels: dataset.labels }, taskConfig.scoring) : null;
  if (issue !== null) throw new InvalidTrial(issue);
  const inputs = await Promise.all(members.map((m) => verifiedInputs(m, host))); // that what was read is what was asked for
  const configs = members.map((m) => m.config);
  const answers = await invalid(() => answeringOf(model, first.config, task.classes));
  yield* begins('loading what it starts from');
  await invalid(() => checkRoom(model, configs, answers, task.longest));
  const starts = await startsOf(members, model);
  const gang = await invalid(() => new Gang(model, configs, answers, starts));
  const resumed = members.map((m) => (m.resumeFolder ? readResumeState<TuneRecord>(m.resumeFolder) : undefined));
  const parts = resumed.map((r) => r && partsOf(r.tensors));
  if (parts.every((p) => p !== undefined)) {
    gang.restore(parts.map((p) => p.state));
    tf.dispose(parts.map((p) => p.state) as never);
  }
  return {
    members,
    inputs,
    contents,
    signal,
    model,
    task,
    gang,
    answerer: answererOf(gang, task, taskConfig.scoring),
    orders: configs.map((c) => orderOf(c, task.dataset)),
    records: resumed.map((r) => r?.record ?? newRecord()),
    best: parts.map((p) => p?.best),
    said: members.map(() => undefined),
    verdicts: members.map(() => undefined),
    resumeEvery: host.resumeEvery ?? resumeEvery,
    watch: new Stopwatch(),
    pace: new Pace(),
    saved: performance.now(),
    told: performance.now(),
  };
}

function orderOf({ seed, training: { batch } }: TuneConfig, { train, parts }: Dataset): DataOrder {
  const sized = parts?.map(({ name, share, dataset }) => ({ name, share, examples: dataset.train.length }));
  return new DataOrder(sized ? mixed(seed, sized) : shuffled(seed, train.length), batch);
}

function answererOf(gang: Gang, task: EncodedTask, scoring: TuneConfig['task']['scoring']): Answerer {
  const { model } = gang;
  const headAlone = methodFor(gang.configs[0]!).headAlone ?? false;
  return {
    members: gang.members,
    answers: gang.answers,
    read: tokenReader({ padId: model.tokenizer.padId, longest: task.longest, members: gang.members }),
    answer: (batch) => (scoring === 'decode' && !headAlone ? { texts: gang.decode(batch) } : gang.score(batch)),
  };
}
