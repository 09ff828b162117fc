import { createHash } from 'node:crypto';
import { scales } from '#contracts/scales.js';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import type { Adapt, Pretrain } from '#contracts/backbone.js';
import { isTokenizerFolder } from '#contracts/inputs-of.js';
import type { Member, Metric, TrainEvent, Verdict } from '#contracts/trainer-messages.js';
import type { AdaptConfig, PretrainConfig } from '#contracts/trial.js';
import type { Tensors } from '#engine/step/step.js';
import { resolveBackbone } from '#models/backbones.js';
import { loadModel } from '#models/load-model.js';
import { newModel } from '#models/new-model.js';
import { saveModel } from '#models/save-model.js';
import { loadTokenizer } from '#models/tokenizer-json.js';
import { readBack } from '#models/weights/read-back.js';
import { corpusDocuments } from '#tasks/corpora/corpus.js';
import { backboneFolder } from '../warm/backbone-folder.js';
import { LanguageModel } from './language-model.js';
import { causalLm, type Objective, prefixLm, spanCorruption } from './objective.js';
import { Pace } from '../tune/pace.js';
import { verifiedInputs } from '../local-inputs.js';
import { provenanceOf } from '../tune/provenance.js';
import { readResumeState, tensorsOf, writeResumeState } from '../tune/resume-state.js';
import { invalid, InvalidTrial, TrainingAborted, type TrainHost, type TrainSignal } from '../signals.js';
import { Stopwatch } from '../tune/stopwatch.js';
import { textBatch, type WritingModel } from './text-batch.js';
import { progressEvery } from '../tune/run.js';

const heldOut = 0.005; // share of the documents that the validation loss is measured on
const validationBatches = 8;
const lossEvery = 10; // steps a point of the training curve stands for
const validationsPerRun = 20;
const resumeEvery = 120; // seconds

interface Record {
  step: number;
  curve: number[]; // losses since the last point of the curve
  validation: number | null;
}

/** Teaches a model to write text, from random weights (stage pretrain) or from a backbone (stage adapt): a T5
 *  by span corruption and as a prefix LM, a decoder on packed text. Emits a backbone checkpoint at every step
 *  of `checkpoints`. Refuses to know tasks and methods. */
export async function* pretrain(
  member: Member & { config: PretrainConfig | AdaptConfig },
  signal: TrainSignal,
  host: TrainHost,
): AsyncGenerator<TrainEvent, Verdict> {
  const { attemptId, config: trial, folder } = member;
  const config: Pretrain | Adapt = trial.stage === 'pretrain' ? trial.pretrain : trial.adapt;
  const note = (step: number, text: string) => ({
    type: 'progress' as const,
    attemptId,
    step,
    steps: config.steps,
    note: text,
  });
  const begins = (step: number, text: string): TrainEvent => ({ ...note(step, text), loading: true });
  yield begins(0, 'loading the backbone');
  const model = await startingModel(member, host);
  yield begins(0, 'reading the corpus');
  const { training, validation, dataHash } = await invalid(() => objectives(trial, model));
  const inputs = await verifiedInputs(member, host); // that what was read is what was asked for
  const resumed = member.resumeFolder ? readResumeState<Record>(member.resumeFolder) : undefined;
  const learner = new LanguageModel(model, config, resumed && tensorsOf(resumed.tensors));
  const record: Record = resumed?.record ?? { step: 0, curve: [], validation: null };
  const batchOf = (source: Objective) => textBatch(rowsOf(source, config.batch), source, model);
  const held = Array.from({ length: validationBatches }, () => batchOf(validation));
  for (let i = 0; i < record.step * config.batch; i++) training.next(); // the data goes on where it stopped
  const validateEvery = Math.max(lossEvery, Math.ceil(config.steps / validationsPerRun));
  const watch = new Stopwatch();
  const pace = new Pace();
  const pending: tf.Scalar[] = []; // losses that are still on the device
  let lastSaved = performance.now();
  let told = performance.now();
  try {
    yield begins(record.step, 'compiling');
    while (record.step < config.steps) {
      if (signal.aborted) throw new TrainingAborted();
      if (signal.cancelled(attemptId)) return { verdict: 'cancelled', attemptId };
      const step = ++record.step;
      watch.start();
      pending.push(learner.train(batchOf(training), step));
      watch.stop(learner.compileSeconds);
      const last = step === config.steps;
      const metrics: Metric[] = [];
      if (step % lossEvery === 0 || last || trial.checkpoints.includes(step)) {
        const losses = pending.splice(0).map(read);
        const diverged = losses.findIndex((l) => !Number.isFinite(l));
        if (diverged >= 0) {
          const at = step - losses.length + 1 + diverged;
          return {
            verdict: 'failed',
            attemptId,
            cause: 'diverged',
            message: `loss ${losses[diverged]} at step ${at}`,
          };
        }
        record.curve.push(...losses);
        if (step % lossEvery === 0 || last)
          metrics.push({ name: 'loss', split: 'train', step, value: mean(record.curve.splice(0)) });
      }
      if (step % validateEvery === 0 || last) {
        record.validation = learner.loss(held);
        metrics.push({ name: 'loss', split: 'validation', step, value: record.validation });
      }
      if (metrics.length) {
        yield { type: 'metrics', attemptId, metrics };
      }
      if (metrics.length || performance.now() - told > progressEvery) {
        yield note(step, 'training');
        told = performance.now();
      }
      if (trial.checkpoints.includes(step)) yield checkpoint(member, model, learner, step);
      if (!last && (performance.now() - lastSaved) / 1e3 > (host.resumeEvery ?? resumeEvery)) {
        record.curve.push(...pending.splice(0).map(read));
        const to = join(folder, `resume-${step}`);
        writeResumeState(to, readBack(learner.state), record);
        yield { type: 'checkpoint', attemptId, kind: 'resume', step, folder: to };
        lastSaved = performance.now();
      }
      await pace.rest();
    }
    return {
      verdict: 'succeeded',
      attemptId,
      summary: {
        validation: { loss: record.validation ?? Number.NaN },
        test: {},
        metrics: { loss: scales.loss },
        references: {},
        reportBy: 'loss',
        bestStep: config.steps,
        steps: config.steps,
        trainableParameters: model.parameterCount,
        totalParameters: model.parameterCount,
        trainSeconds: watch.seconds,
        compileSeconds: learner.compileSeconds,
        stepMs: watch.medianMs,
        peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
        provenance: await provenanceOf({
          precision: config.precision,
          dataHash,
          backboneHash: model.hash,
          inputs,
        }),
      },
    };
  } finally {
    learner.dispose();
    tf.dispose([pending, held] as never);
    model.dispose();
  }
}

/** Random weights of the size asked for, or the backbone to adapt, as a model. */
async function startingModel(
  member: Member & { config: PretrainConfig | AdaptConfig },
  host: TrainHost,
): Promise<WritingModel> {
  const { config, folder } = member;
  if (config.stage === 'adapt') {
    const from = await backboneFolder(config.backbone, member.backboneFolder, host);
    const model = await invalid(() => loadModel(from));
    if (model.kind !== 'encoder') return model;
    model.dispose();
    throw new InvalidTrial('backbone.adapt needs a backbone that writes text, and this one is an encoder');
  }
  const { size, tokenizer, seed } = config.pretrain;
  const tokenizerFolder = isTokenizerFolder(tokenizer)
    ? tokenizer
    : (await resolveBackbone(tokenizer, host.home, host.log)).folder;
  const made = await invalid(() => newModel(size, loadTokenizer(tokenizerFolder), seed));
  const start = join(folder, 'start');
  saveModel(start, { ...made, tokenizerFolder, dtype: 'F32' });
  return (await loadModel(start)) as WritingModel;
}

/** What is learnt, and the same of documents that are never learnt from. */
function objectives(
  trial: PretrainConfig | AdaptConfig,
  model: WritingModel,
): { training: Objective; validation: Objective; dataHash: string } {
  const config = trial.stage === 'pretrain' ? trial.pretrain : trial.adapt;
  const documents = corpusDocuments(config.corpus);
  const every = Math.round(1 / heldOut);
  const kept = documents.filter((_, i) => i % every !== 0);
  const held = documents.filter((_, i) => i % every === 0);
  const make = (texts: string[], seed: number) => {
    if (model.kind === 'decoder') return causalLm(config, model, texts, seed);
    return trial.stage === 'pretrain'
      ? spanCorruption(trial.pretrain, model, texts, seed)
      : prefixLm(trial.adapt, model, texts, seed);
  };
  const dataHash = createHash('sha256').update(JSON.stringify(documents)).digest('hex');
  return { training: make(kept.length ? kept : documents, config.seed), validation: make(held, 0), dataHash };
}

function checkpoint(member: Member, model: WritingModel, learner: LanguageModel, step: number): TrainEvent {
  const to = join(member.folder, `backbone-${step}`);
  const weights: Tensors = learner.weights();
  saveModel(to, { config: model.config, weights, tokenizerFolder: model.folder, dtype: 'F16' });
  tf.dispose(weights);
  return { type: 'checkpoint', attemptId: member.attemptId, kind: 'backbone', step, folder: to };
}

function read(loss: tf.Scalar): number {
  const [value] = loss.dataSync();
  loss.dispose();
  return value!;
}

const rowsOf = (source: Objective, count: number) => Array.from({ length: count }, () => source.next());
const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
