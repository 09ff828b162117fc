import * as tf from '@tensorflow/tfjs';
import type { Adapt, Pretrain } from '#contracts/backbone.js';
import { clipByGlobalNorm } from '#engine/optimizers/clip.js';
import { valueAndGradients } from '#engine/step/gradients.js';
import { inLanes } from '#engine/step/lanes.js';
import { softmaxCrossEntropy } from '#engine/ops/softmax-cross-entropy.js';
import { optimizerRule } from '#engine/optimizers/optimizer.js';
import { learningRateAt } from '#engine/optimizers/schedule.js';
import { Step, type StepFunction, type Tensors } from '#engine/step/step.js';
import type { Weights } from '#models/batch.js';
import type { WritingModel } from './text-batch.js';

/** A model all of whose weights learn to write text: the step, and the state that it changes. XLA is left out
 *  and not measured, so that a run gives the same weights wherever it is repeated; TensorFlow's own kernels
 *  in lanes were faster on every size tried. */
export class LanguageModel {
  state: Tensors; // weights and optimizer state, with the member axis of a gang of one
  private readonly names: string[];
  private readonly trainStep: Step;
  private readonly lossStep: Step;

  constructor(
    private readonly model: WritingModel,
    private readonly config: Pretrain | Adapt,
    state?: Tensors, // to go on from
  ) {
    const rule = optimizerRule(config.optimizer);
    this.names = Object.keys(model.weights);
    this.state = state ?? initialState(model.weights, rule);
    const { clipNorm, precision } = config;
    const name = model.hash.slice(0, 8);

    const learn: StepFunction = ({ state, batch, scalars }) => {
      const parameters = this.parametersOf(state);
      const { loss, gradients } = valueAndGradients(
        () => ({ loss: textLoss(model, parameters, batch), aux: {} }),
        parameters,
      );
      const clipped = clipNorm === null ? gradients : clipByGlobalNorm(gradients, clipNorm);
      const next = rule.update(
        parameters,
        clipped,
        state,
        scalars['rate'] as tf.Tensor1D,
        scalars['step'] as tf.Scalar,
      );
      return { state: { ...next.parameters, ...next.state }, outputs: { loss } };
    };
    this.trainStep = new Step(`write ${name}`, learn, { xla: false, precision });

    const judge: StepFunction = ({ state, batch }) => ({
      state: {},
      outputs: { loss: textLoss(model, state, batch) },
    });
    this.lossStep = new Step(`read ${name}`, judge, { xla: false, precision });
  }

  get compileSeconds(): number {
    return this.trainStep.compileSeconds + this.lossStep.compileSeconds;
  }

  /** One optimizer step, counted from 1; takes over `batch`. The loss is left on the device; the caller owns
   *  it. */
  train(batch: Tensors, step: number): tf.Scalar {
    const { optimizer, schedule, steps } = this.config;
    const scalars = {
      rate: tf.tensor1d([learningRateAt(optimizer, schedule, step, steps)]),
      step: tf.scalar(step),
    };
    const outputs = this.trainStep.advance({ frozen: {}, constants: {}, state: this.state, batch, scalars });
    tf.dispose([batch, scalars]);
    return outputs['loss'] as tf.Scalar;
  }

  /** Mean loss of batches that stay the caller's. */
  loss(batches: readonly Tensors[]): number {
    const state = this.parametersOf(this.state);
    const losses = batches.map((batch) => {
      const { outputs } = this.lossStep.run({ frozen: {}, constants: {}, state, batch, scalars: {} });
      const [value] = outputs['loss']!.dataSync();
      tf.dispose(outputs);
      return value!;
    });
    return losses.reduce((a, b) => a + b, 0) / losses.length;
  }

  /** The weights as they are, without the member axis. The caller owns them. */
  weights(): Tensors {
    return withoutMembers(this.parametersOf(this.state));
  }

  dispose(): void {
    tf.dispose(this.state);
    this.trainStep.dispose();
    this.lossStep.dispose();
  }

  private parametersOf(state: Tensors): Tensors {
    return Object.fromEntries(this.names.map((n) => [n, state[n]!]));
  }
}

function initialState(weights: Weights, rule: ReturnType<typeof optimizerRule>): Tensors {
  const parameters = Object.fromEntries(Object.entries(weights).map(([n, w]) => [n, tf.expandDims(w, 0)]));
  return { ...parameters, ...rule.init(parameters) };
}

/** Cross-entropy a target token. */
function textLoss(model: WritingModel, parameters: Tensors, batch: Tensors): tf.Scalar {
  const weights = withoutMembers(parameters);
  const losses = inLanes(batch, 1, (part) => {
    const text = { ids: part['ids'] as tf.Tensor2D, mask: part['mask'] as tf.Tensor2D };
    const logits =
      model.kind === 'decoder'
        ? model.decode(weights, text)
        : model.decode(weights, model.encode(weights, text), part['decoderIds'] as tf.Tensor2D);
    const labels = part['labels'] as tf.Tensor1D;
    return softmaxCrossEntropy(tf.reshape(logits, [labels.shape[0], -1]), labels);
  });
  const counted = tf.sum(tf.cast(tf.greaterEqual(batch['labels']!, 0), 'float32'));
  return tf.div(tf.sum(losses), counted) as tf.Scalar;
}

function withoutMembers(tensors: Tensors): Tensors {
  return Object.fromEntries(Object.entries(tensors).map(([n, t]) => [n, tf.squeeze(t, [0])]));
}
