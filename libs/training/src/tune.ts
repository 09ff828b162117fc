import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import type { Member, Metric, Summary, TrainEvent, Verdict } from '#contracts/trainer-messages.js';
import type { TuneConfig } from '#contracts/trial.js';
import type { Tensors } from '#engine/step.js';
import { saveAdapter } from '#methods/adapter-files.js';
import type { Parameters } from '#methods/method.js';
import { methodOf, sharesStep } from '#methods/table.js';
import type { Model } from '#models/model.js';
import type { StoredTensor } from '#models/weights/safetensors.js';
import { answerExamples, type Answerer, likeliest, rowsTensors } from './answer-examples.js';
import { backboneFolder } from './backbone-folder.js';
import { baselines } from './baselines.js';
import { checkRoom } from './check-room.js';
import { DataOrder } from './data-order.js';
import { Gang } from './gang.js';
import { Pace } from './pace.js';
import { poolExamples } from './pooled-states.js';
import { provenanceOf } from './provenance.js';
import { readResumeState, tensorsOf, valuesOf, writeResumeState } from './resume-state.js';
import { invalid, InvalidTrial, TrainingAborted, type TrainHost, type TrainSignal } from './signals.js';
import { Stopwatch } from './stopwatch.js';
import { isBetter, newRecord, type TuneRecord } from './tune-record.js';
import { warmModel } from './warm-models.js';
import { type EncodedTask, type SplitName, warmTask } from './warm-task.js';

export type TuneMember = Member & { config: TuneConfig };

const pointsOfCurve = 100;
const longestAverage = 50; // steps that a point of the training curve stands for, at most
const resumeEvery = 30; // seconds, where neither config nor host says
const progressEvery = 400; // milliseconds

interface Run {
  members: readonly TuneMember[];
  signal: TrainSignal;
  model: Model;
  task: EncodedTask;
  gang: Gang;
  answerer: Answerer;
  orders: DataOrder[];
  records: TuneRecord[];
  best: (Parameters | undefined)[]; // of each member, by validation
  verdicts: (Verdict | undefined)[];
  resumeEvery: number; // seconds
  watch: Stopwatch;
  pace: Pace;
  saved: number; // when the last resume states were written
  told: number; // when progress was last reported
}

/** Trains a gang (one step for all its members) on a task: validates, keeps each member's best parameters by validation, and tests once
 *  with them. A member that diverges, stops early or is cancelled leaves the others as they are. Throws TrainingAborted within a step of
 *  being told. Members must agree in all but seed, learning rate and the sizes that their method pads. */
export async function* tune(
  members: readonly TuneMember[],
  signal: TrainSignal,
  host: TrainHost,
): AsyncGenerator<TrainEvent, Verdict[]> {
  yield* members.map((m) => note(m, 0, 'loading the backbone and the data'));
  const run = await prepared(members, signal, host);
  try {
    yield* pooled(run);
    yield* members.map((m, i) => note(m, run.records[i]!.step, 'compiling'));
    yield* trained(run);
    yield* finished(run);
    return run.verdicts.map((v) => v!);
  } finally {
    run.gang.dispose();
    tf.dispose(run.best as never);
  }
}

async function prepared(members: readonly TuneMember[], signal: TrainSignal, host: TrainHost): Promise<Run> {
  const [first] = members as [TuneMember];
  const folder = await backboneFolder(first.config.backbone, first.backboneFolder, host);
  const model = await (first.config.backbone.folder && !first.backboneFolder
    ? invalid(() => warmModel(folder))
    : warmModel(folder));
  const { task: taskConfig } = first.config;
  if (taskConfig.scoring === 'decode' && model.kind === 'encoder')
    throw new InvalidTrial('task.scoring is "decode", and the backbone has no decoder; expected "label-words"');
  const task = await invalid(() => {
    methodOf(first.config.method).check(first.config.method, model);
    return warmTask(taskConfig, model, first.config.method);
  });
  const configs = members.map((m) => m.config);
  await invalid(() => checkRoom(model, configs, task));
  const gang = await invalid(() => new Gang(model, configs, task.dataset.labelWords));
  const resumed = members.map((m) => (m.resumeFolder ? readResumeState<TuneRecord>(m.resumeFolder) : undefined));
  const parts = resumed.map((r) => r && partsOf(r.tensors));
  if (parts.every((p) => p !== undefined)) {
    gang.restore(parts.map((p) => p.state));
    tf.dispose(parts.map((p) => p.state) as never);
  }
  return {
    members,
    signal,
    model,
    task,
    gang,
    answerer: answererOf(gang, task, taskConfig.scoring),
    orders: configs.map((c) => new DataOrder(c.seed, task.dataset.train.length, c.training.batch)),
    records: resumed.map((r) => r?.record ?? newRecord()),
    best: parts.map((p) => p?.best),
    verdicts: members.map(() => undefined),
    resumeEvery: host.resumeEvery ?? resumeEvery,
    watch: new Stopwatch(),
    pace: new Pace(),
    saved: performance.now(),
    told: performance.now(),
  };
}

function answererOf(gang: Gang, task: EncodedTask, scoring: TuneConfig['task']['scoring']): Answerer {
  const { model } = gang;
  const headAlone = methodOf(gang.configs[0]!.method).headAlone ?? false;
  return {
    members: gang.members,
    fanOut: gang.fanOut,
    padId: model.tokenizer.padId,
    longest: task.longest,
    pooledBy: headAlone ? model.hash : null,
    answer: (batch) => (scoring === 'decode' && !headAlone ? gang.decode(batch) : likeliest(gang.score(batch))),
  };
}

/** The states that a head alone reads, of every example that the run will meet. */
async function* pooled(run: Run): AsyncGenerator<TrainEvent, void> {
  if (run.answerer.pooledBy === null) return;
  const { steps, accumulation } = run.members[0]!.config.training;
  const indices = new Set<number>();
  for (const order of run.orders) {
    for (let pass = 0; pass < steps * accumulation && indices.size < run.task.dataset.train.length; pass++)
      for (const i of order.batchAt(pass)) indices.add(i);
  }
  const training = [...indices].map((i) => run.task.example('train', i));
  const examples = [...training, ...run.task.all('validation'), ...run.task.all('test')];
  yield* heard(run, poolExamples(run.model, examples), 'reading the texts once');
}

async function* trained(run: Run): AsyncGenerator<TrainEvent, void> {
  const { training } = run.members[0]!.config;
  const every = Math.min(longestAverage, Math.ceil(training.steps / pointsOfCurve));
  for (let step = run.records[0]!.step + 1; step <= training.steps; step++) {
    heed(run);
    if (active(run).length === 0) return;
    run.watch.start();
    const losses = run.gang.train(batchAt(run, step), step);
    run.watch.stop(run.gang.compileSeconds);
    yield* noted(run, step, losses, step % every === 0 || step === training.steps);
    const last = step === training.steps;
    if (last || (training.evaluateEvery !== null && step % training.evaluateEvery === 0)) yield* validated(run, step);
    if (!last && resumeDue(run, step)) yield* saved(run, step);
    yield* progress(run, 'training');
    await run.pace.rest();
  }
}

/** Rows of all forward passes of a step: pass by pass, member by member. */
function batchAt(run: Run, step: number): Tensors {
  const { accumulation } = run.members[0]!.config.training;
  const rows = Array.from({ length: accumulation }, (_, a) =>
    run.orders.flatMap((order) => order.batchAt((step - 1) * accumulation + a).map((i) => run.task.example('train', i))),
  );
  return rowsTensors(rows.flat(), run.answerer);
}

/** Puts losses into the records; a member whose loss is no number has diverged. */
function* noted(run: Run, step: number, losses: Float32Array, point: boolean): Generator<TrainEvent> {
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

async function* validated(run: Run, step: number): AsyncGenerator<TrainEvent, void> {
  const scores = yield* scored(run, 'validation');
  for (const m of active(run)) {
    const [{ attemptId, config }, record, validation] = [run.members[m]!, run.records[m]!, scores[m]!];
    yield { type: 'metrics', attemptId, metrics: metricsOf(validation, 'validation', step) };
    const value = validation[run.task.dataset.selectBy]!;
    if (isBetter(value, record)) {
      tf.dispose(run.best[m] ?? []);
      run.best[m] = run.gang.parametersOf(m);
      record.best = { step, value, validation };
      record.sinceBest = 0;
    } else record.sinceBest++;
    record.stopped = config.training.patience !== null && record.sinceBest >= config.training.patience;
  }
}

async function* scored(run: Run, split: 'validation' | 'test'): AsyncGenerator<TrainEvent, Record<string, number>[]> {
  const what = split === 'test' ? 'testing' : 'validating';
  const predictions = yield* heard(run, answerExamples(run.answerer, run.task.all(split)), what);
  return predictions.map((p) => run.task.dataset.score(split, p));
}

function resumeDue(run: Run, step: number): boolean {
  const { checkpointEvery } = run.members[0]!.config.training;
  if (checkpointEvery !== null) return step % checkpointEvery === 0;
  return performance.now() - run.saved > run.resumeEvery * 1e3;
}

function* saved(run: Run, step: number): Generator<TrainEvent> {
  for (const m of active(run)) {
    const { attemptId, folder } = run.members[m]!;
    const state = run.gang.memberState(m);
    const to = join(folder, `resume-${step}`);
    writeResumeState(to, valuesOf({ ...prefixed('state/', state), ...prefixed('best/', run.best[m] ?? {}) }), run.records[m]!);
    tf.dispose(state);
    yield { type: 'checkpoint', attemptId, kind: 'resume', step, folder: to };
  }
  run.saved = performance.now();
}

/** Tests every member that was trained to its end, with the parameters that validation chose. */
async function* finished(run: Run): AsyncGenerator<TrainEvent, void> {
  heed(run);
  const done = run.members.map((_, m) => m).filter((m) => !run.verdicts[m]);
  if (done.length === 0) return;
  const { config } = run.members[0]!;
  const own = run.members.map((_, m) => run.best[m] ?? run.gang.parametersOf(m));
  run.best.splice(0, own.length, ...own);
  run.gang.adopt(own);
  const test = yield* scored(run, 'test');
  const beside = yield* heard(
    run,
    baselines(run.model, warmTask(config.task, run.model), config.task.scoring),
    'measuring the baselines',
  );
  for (const m of done) {
    const member = run.members[m]!;
    if (run.verdicts[m]) continue; // cancelled meanwhile
    const { attemptId, folder } = member;
    const bestStep = run.records[m]!.best!.step;
    yield { type: 'metrics', attemptId, metrics: metricsOf(test[m]!, 'test', bestStep) };
    const to = join(folder, 'adapter');
    saveAdapter(to, run.model, {
      config: member.config.method,
      parameters: run.best[m]!,
      labels: { words: run.task.dataset.labelWords },
      backbone: member.config.backbone.name ?? member.config.backbone.folder ?? run.model.hash,
    });
    yield { type: 'checkpoint', attemptId, kind: 'adapter', step: bestStep, folder: to };
    run.verdicts[m] = { verdict: 'succeeded', attemptId, summary: await summaryOf(run, m, test[m]!, beside) };
  }
}

async function summaryOf(run: Run, m: number, test: Record<string, number>, beside: Record<string, number>): Promise<Summary> {
  const [{ config }, record, { model, task, watch }] = [run.members[m]!, run.records[m]!, run];
  const method = methodOf(config.method);
  const trainable = method.count(config.method, model, { words: task.dataset.labelWords });
  return {
    validation: record.best!.validation,
    test,
    baselines: beside,
    bestStep: record.best!.step,
    steps: record.step,
    trainableParameters: trainable,
    totalParameters: sharesStep(config.method) ? model.parameterCount + trainable : Math.max(model.parameterCount, trainable),
    trainSeconds: watch.seconds,
    compileSeconds: run.gang.compileSeconds,
    stepMs: watch.medianMs,
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    provenance: await provenanceOf(task.dataset.hash, model.hash),
  };
}

/** Does long work piece by piece, reporting, hearing messages and heeding the signal between the pieces. */
async function* heard<R>(run: Run, work: AsyncGenerator<void, R>, what: string): AsyncGenerator<TrainEvent, R> {
  for (;;) {
    const piece = await work.next();
    if (piece.done) return piece.value;
    try {
      heed(run);
    } catch (error) {
      await work.return(undefined as never); // frees what the work holds
      throw error;
    }
    yield* progress(run, what);
    await run.pace.rest();
  }
}

function heed({ signal, members, verdicts }: Run): void {
  if (signal.aborted) throw new TrainingAborted();
  for (const [m, { attemptId }] of members.entries())
    if (!verdicts[m] && signal.cancelled(attemptId)) verdicts[m] = { verdict: 'cancelled', attemptId };
}

/** Members that are still being trained. */
function active({ members, verdicts, records }: Run): number[] {
  return members.map((_, m) => m).filter((m) => !verdicts[m] && !records[m]!.stopped);
}

function* progress(run: Run, what: string): Generator<TrainEvent> {
  if (performance.now() - run.told < progressEvery) return;
  run.told = performance.now();
  for (const [m, member] of run.members.entries()) if (!run.verdicts[m]) yield note(member, run.records[m]!.step, what);
}

function note({ attemptId, config }: TuneMember, step: number, text: string): TrainEvent {
  return { type: 'progress', attemptId, step, steps: config.training.steps, note: text };
}

function metricsOf(scores: Record<string, number>, split: SplitName, step: number): Metric[] {
  return Object.entries(scores).map(([name, value]) => ({ name, split, step, value }));
}

const prefixed = (prefix: string, tensors: Tensors): Tensors =>
  Object.fromEntries(Object.entries(tensors).map(([name, t]) => [prefix + name, t]));

/** A resume state's tensors of the gang and of the best parameters so far. */
function partsOf(stored: ReadonlyMap<string, StoredTensor>): { state: Tensors; best: Parameters | undefined } {
  const part = (prefix: string) =>
    tensorsOf(new Map([...stored].filter(([n]) => n.startsWith(prefix)).map(([n, t]) => [n.slice(prefix.length), t])));
  const best = part('best/');
  return { state: part('state/'), best: Object.keys(best).length ? best : undefined };
}
