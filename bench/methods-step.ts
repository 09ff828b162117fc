import * as tf from '@tensorflow/tfjs';
import type { Precision } from '#contracts/precision.js';
import { TuneConfig } from '#contracts/trial.js';
import { HostRandom } from '#engine/host-random.js';
import { peftgridHome } from '#engine/install/library.js';
import { startEngine } from '#engine/native/start.js';
import type { Tensors } from '#engine/step/step.js';
import { methodOf } from '#methods/table.js';
import { resolveBackbone } from '#models/backbones.js';
import { loadModel } from '#models/load-model.js';
import type { Model } from '#models/model.js';
import { classesOf } from '#training/fixtures/spaces.js';
import { answeringOf } from '#training/answers/table.js';
import { Gang } from '#training/gang/gang.js';
import { pooled } from '#training/read-once/pooled.js';
import { precisionOf } from './in-precision.js';
import { methodBackbone } from './method-backbone.js';
import { type FamilyShape, gangRows, labelWords, type MethodRow, methodRows } from './method-shapes.js';
import { median } from './numbers.js';
import { stepReport, type Training } from './training.js';

/** One method's training step on one family, in a process of its own: `methods-step.js FAMILY METHOD STEPS
 *  THREADS [MEMBERS [PRECISION]]`. It runs what users run: the backbone from a folder, the method's hooks,
 *  the gang's step. Prints one JSON object. */
async function main(): Promise<void> {
  const [family, method, steps, threads, members = '1', asked = 'float32'] = process.argv.slice(2);
  const precision = precisionOf(asked);
  const row = [...methodRows(), ...gangRows()].find((r) => r.family === family && r.method === method);
  if (!row) throw new Error(`there is no row ${family}/${method}`);
  await startEngine({ threads: Number(threads), device: 'cpu' });
  const model = await loadModel(await folderOf(row), precision);
  const run = { model, row, members: Number(members), precision };
  const trainable = trainableParameters(run);
  const report = stepReport(training(run, textBatch), Number(steps), { eager: run.members === 1, precision });
  const cachedMs = methodOf(row.config).headAlone ? cachedStepMs(run, Number(steps)) : undefined;
  process.stdout.write(`${JSON.stringify({ ...report, trainable, cachedMs })}\n`);
  process.exit(0);
}

interface Run {
  model: Model;
  row: MethodRow;
  members: number;
  precision: Precision;
}

async function folderOf({ family, shape }: MethodRow): Promise<string> {
  const home = peftgridHome();
  if (family === 't5-nano') return (await resolveBackbone('t5-nano', home, () => undefined)).folder;
  return methodBackbone(home, shape);
}

/** A batch of its own for every call of the step, which takes it over. */
type BatchMaker = (run: Run) => () => Tensors;

function training(run: Run, batches: BatchMaker): () => Training {
  const configs = Array.from({ length: run.members }, (_, i) => tuneConfig(run, i));
  const batch = batches(run);
  const answers = () => answeringOf(run.model, configs[0]!, classesOf(labelWords(run.row.shape)));
  return () => {
    const gang = new Gang(run.model, configs, answers());
    return { step: (n) => gang.train(batch(), n)[0]!, dispose: () => gang.dispose() };
  };
}

/** Random ids, without padding, the same at every step. */
const textBatch: BatchMaker = ({ row: { shape }, members }) => {
  const random = new HostRandom(1, 'bench');
  const rows = shape.batch * members;
  const ids = Int32Array.from({ length: rows * shape.source }, () => 2 + random.below(shape.vocabulary - 2));
  const labels = labelsOf(shape, rows, random);
  return () => ({
    ids: tf.tensor2d(ids, [rows, shape.source], 'int32'),
    mask: tf.ones([rows, shape.source]),
    labels: tf.tensor1d(labels, 'int32'),
  });
};

const labelsOf = ({ classes }: FamilyShape, rows: number, random: HostRandom): Int32Array =>
  Int32Array.from({ length: rows }, () => random.below(classes));

/** What a head reads, as a trial keeps it from its first epoch on. */
const pooledBatch: BatchMaker = (run) => {
  const { model, row, members } = run;
  const rows = row.shape.batch * members;
  const text = textBatch(run)();
  const states = tf.tidy(() => pooled(model, model.weights, {}, text)).dataSync();
  tf.dispose(text);
  const labels = labelsOf(row.shape, rows, new HostRandom(1, 'labels'));
  return () => ({ pooled: tf.tensor2d(states, [rows, model.dModel]), labels: tf.tensor1d(labels, 'int32') });
};

const cachedStepMs = (run: Run, steps: number): number =>
  median(stepReport(training(run, pooledBatch), steps, { eager: false }).ms);

/** What the optimizer moves, one member's. */
function trainableParameters({ model, row }: Run): number {
  const own = methodOf(row.config).init(row.config, model, { words: labelWords(row.shape) }, 1);
  const count = Object.values(own).reduce((sum, t) => sum + t.size, 0);
  tf.dispose(own);
  return count;
}

function tuneConfig({ model, row, precision }: Run, member: number): TuneConfig {
  return TuneConfig.parse({
    stage: 'tune',
    backbone: { folder: model.folder },
    task: { name: 'wordnet-supersense' },
    method: row.config,
    training: {
      steps: 1000,
      precision,
      batch: row.shape.batch,
      optimizer: { name: 'adamw', learningRate: 1e-3 },
    },
    seed: member + 1,
  });
}

void main();
