import * as tf from '@tensorflow/tfjs';
import type { Precision } from '#contracts/precision.js';
import { HostRandom } from '#engine/host-random.js';
import { peftgridHome } from '#engine/install/library.js';
import { loadModel } from '#models/load-model.js';
import { TuneConfig } from '#contracts/trial.js';
import { classesOf } from '#training/fixtures/spaces.js';
import { answeringOf } from '#training/answers/table.js';
import { Gang } from '#training/gang/gang.js';
import { benchBackbone } from './backbone.js';
import type { Training } from './training.js';
import type { TransformerShape } from './shapes.js';

/** What users run: the backbone from a folder, the method's hooks, the gang's step. Target words of T5 are 3
 *  letters and the end, so a step has the peer's 4 target tokens. */
export async function transformer(shape: TransformerShape, precision: Precision): Promise<() => Training> {
  const model = await loadModel(benchBackbone(peftgridHome(), shape), precision);
  const words = shape.family === 't5' ? ['a b c', 'd e f'] : ['a', 'b'];
  const configs = [tuneConfig(shape, model.folder, precision)];
  const random = new HostRandom(1, 'bench');
  const rows = shape.batch;
  const ids = Int32Array.from({ length: rows * shape.source }, () => 2 + random.below(shape.vocabulary - 2));
  const labels = Int32Array.from({ length: rows }, () => random.below(shape.classes));
  const batch = () => ({
    ids: tf.tensor2d(ids, [rows, shape.source], 'int32'),
    mask: tf.ones([rows, shape.source]),
    labels: tf.tensor1d(labels, 'int32'),
  });
  return () => {
    const gang = new Gang(model, configs, answeringOf(model, configs[0]!, classesOf(words)));
    return { step: (n) => gang.train(batch(), n)[0]!, dispose: () => gang.dispose() };
  };
}

function tuneConfig(shape: TransformerShape, folder: string, precision: Precision): TuneConfig {
  const method =
    shape.method === 'full'
      ? { name: 'full' }
      : { name: 'prompt-tuning', length: shape.promptLength, init: 'vocabulary' };
  return TuneConfig.parse({
    stage: 'tune',
    backbone: { folder },
    task: { name: 'wordnet-supersense' },
    method,
    training: {
      steps: 1000,
      precision,
      batch: shape.batch,
      optimizer: { name: 'adamw', learningRate: 1e-3 },
    },
    seed: 1,
  });
}
