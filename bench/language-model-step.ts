import * as tf from '@tensorflow/tfjs';
import type { Precision } from '#contracts/precision.js';
import { AdamW } from '#contracts/optimizer.js';
import { valueAndGradients } from '#engine/step/gradients.js';
import { inLanes } from '#engine/step/lanes.js';
import { optimizerRule } from '#engine/optimizers/optimizer.js';
import { Step, type Tensors } from '#engine/step/step.js';
import type { Training } from './training.js';
import { languageModelLosses, languageModelWeights } from './language-model.js';
import type { LanguageModelShape } from './shapes.js';

/** The whole decoder trained by the engine's AdamW, on the batch of peers/lm_step.py. */
export function languageModel(c: LanguageModelShape, precision: Precision): () => Training {
  const tokens = c.batch * c.length;
  const progression = (factor: number, offset: number) =>
    Int32Array.from({ length: tokens }, (_, i) => (i * factor + offset) % c.vocabulary);
  const batch = {
    ids: tf.tensor2d(progression(37, 11), [c.batch, c.length], 'int32'),
    labels: tf.tensor1d(progression(53, 5), 'int32'),
  };
  return () => {
    const rule = optimizerRule(AdamW.parse({ name: 'adamw' }));
    const weights = mapped(languageModelWeights(c), (w) => tf.expandDims(w, 0)); // a gang of one
    const names = Object.keys(weights);
    const state: Tensors = { ...weights, ...rule.init(weights) };
    const step = new Step(
      `bench ${c.dModel}`,
      ({ state, batch, scalars }) => {
        const parameters = Object.fromEntries(names.map((n) => [n, state[n]!]));
        const own = () => mapped(parameters, (w) => tf.squeeze(w, [0]));
        const compute = () => {
          const weights = own();
          const losses = inLanes(batch, 1, (part) =>
            languageModelLosses(weights, c, part['ids'] as tf.Tensor2D, part['labels'] as tf.Tensor1D),
          );
          return { loss: tf.mean(losses) as tf.Scalar, aux: {} };
        };
        const { loss, gradients } = valueAndGradients(compute, parameters);
        const next = rule.update(
          parameters,
          gradients,
          state,
          scalars['rate'] as tf.Tensor1D,
          scalars['step'] as tf.Scalar,
        );
        return { state: { ...next.parameters, ...next.state }, outputs: { loss } };
      },
      { xla: false, precision },
    );
    return {
      step(n) {
        const scalars = { rate: tf.tensor1d([1e-3]), step: tf.scalar(n) };
        const outputs = step.advance({ frozen: {}, constants: {}, state, batch, scalars });
        const loss = outputs['loss']!.dataSync()[0]!;
        tf.dispose([scalars, outputs]);
        return loss;
      },
      dispose() {
        tf.dispose(state);
        step.dispose();
      },
    };
  };
}

function mapped(tensors: Tensors, f: (t: tf.Tensor) => tf.Tensor): Tensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, t]) => [name, f(t)]));
}
