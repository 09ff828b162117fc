import * as tf from '@tensorflow/tfjs';
import type { TuneConfig } from '#contracts/trial.js';
import { clipByGlobalNorm } from '#engine/clip.js';
import { valueAndGradients } from '#engine/gradients.js';
import { optimizerRule } from '#engine/optimizers/optimizer.js';
import { learningRateAt } from '#engine/schedule.js';
import { Step, type StepArguments, type StepResult, type Tensors } from '#engine/step.js';
import { methodOf } from '#methods/table.js';
import type { Model } from '#models/model.js';
import { type Answering, answering } from './answer.js';

/** Trials that train in one step: the same backbone, task and kind of method, stacked on a leading member axis. It holds what the step
 *  changes (parameters, optimizer state) and what it needs beside it. Rows of a batch are member-major. */
export class Gang {
  readonly constants: Tensors;
  readonly parameterNames: string[];
  state: Tensors;
  private readonly answers: Answering;
  private readonly trainStep: Step;
  private readonly scoreStep: Step;

  constructor(
    readonly model: Model,
    readonly configs: readonly TuneConfig[],
    labelWords: readonly string[],
  ) {
    const [first] = configs as [TuneConfig];
    const method = methodOf(first.method);
    this.answers = answering(model, labelWords);
    for (const { method: config } of configs) method.check(config, model);
    const own = configs.map((c) => method.init(c.method, model, { words: [...labelWords] }, c.seed));
    const methods = configs.map((c) => c.method);
    const { parameters, constants } = method.stack(methods, own);
    tf.dispose(own);
    this.parameterNames = Object.keys(parameters);
    this.constants = { ...constants, ...this.answers.constants() };
    const rule = optimizerRule(first.training.optimizer);
    const adapt = (frozen: Tensors, p: Tensors, c: Tensors) =>
      method.adapt({ config: first.method, model, frozen, parameters: p, constants: c, members: configs.length });
    const weights = (frozen: Tensors, p: Tensors) => method.weights(frozen, p);
    this.state = { ...parameters, ...rule.init(parameters) };
    const { accumulation, clipNorm } = first.training;
    const name = `${model.hash.slice(0, 8)} ${first.method.name} ${configs.length}`;

    this.trainStep = new Step(`train ${name}`, ({ frozen, constants: fixed, state, batch, scalars }) => {
      const p = this.parametersOf(state);
      let total: Tensors | undefined;
      const losses: tf.Tensor[] = [];
      for (let pass = 0; pass < accumulation; pass++) {
        const part = Object.fromEntries(Object.entries(batch).map(([k, t]) => [k, slicePass(t, pass, accumulation)]));
        const { aux, gradients } = valueAndGradients(() => {
          const perRow = this.answers.losses(weights(frozen, p), adapt(frozen, p, fixed), part, fixed);
          const perMember = tf.mean(tf.reshape(perRow, [configs.length, -1]), 1);
          return { loss: tf.sum(perMember), aux: { perMember } };
        }, p);
        losses.push(aux.perMember);
        total = total ? mapped(total, (g, n) => tf.add(g, gradients[n]!)) : gradients;
      }
      const mean = accumulation === 1 ? total! : mapped(total!, (g) => tf.div(g, accumulation));
      const clipped = clipNorm === null ? mean : clipByGlobalNorm(mean, clipNorm);
      const next = rule.update(p, clipped, state, scalars['rate'] as tf.Tensor1D, scalars['step'] as tf.Scalar);
      const loss = tf.div(tf.addN(losses), accumulation);
      return { state: { ...next.parameters, ...next.state }, outputs: { loss } };
    });

    this.scoreStep = new Step(`score ${name}`, ({ frozen, constants: fixed, state, batch }) => ({
      state: {},
      outputs: { scores: this.answers.scores(weights(frozen, state), adapt(frozen, state, fixed), batch, fixed) },
    }));
  }

  get compileSeconds(): number {
    return this.trainStep.compileSeconds + this.scoreStep.compileSeconds;
  }

  /** One optimizer step on the rows of all members; takes over `batch`. Losses, one a member. */
  train(batch: Tensors, step: number): Float32Array {
    const rates = this.configs.map((c) => learningRateAt(c.training.optimizer, c.training.schedule, step, c.training.steps));
    const scalars = { rate: tf.tensor1d(rates), step: tf.scalar(step) };
    const result = this.trainStep.run(this.arguments({ batch, scalars, state: this.state }));
    tf.dispose([this.state, batch, scalars]);
    this.state = result.state;
    const losses = result.outputs['loss']!.dataSync() as Float32Array;
    result.outputs['loss']!.dispose();
    return losses;
  }

  /** Scores [N, C] for a batch that holds the same rows once for every member; takes over `batch`. */
  score(batch: Tensors): { scores: Float32Array; classes: number } {
    const result: StepResult = this.scoreStep.run(this.arguments({ batch, scalars: {}, state: this.parametersOf(this.state) }));
    const scores = result.outputs['scores']!;
    const values = { scores: scores.dataSync() as Float32Array, classes: scores.shape[1]! };
    tf.dispose([scores, ...Object.values(batch)]);
    return values;
  }

  parametersOf(state: Tensors): Tensors {
    return Object.fromEntries(this.parameterNames.map((n) => [n, state[n]!]));
  }

  dispose(): void {
    tf.dispose([this.state, this.constants]);
    this.trainStep.dispose();
    this.scoreStep.dispose();
  }

  private arguments(rest: Pick<StepArguments, 'state' | 'batch' | 'scalars'>): StepArguments {
    return { frozen: this.model.weights as Tensors, constants: this.constants, ...rest };
  }
}

function mapped(tensors: Tensors, f: (t: tf.Tensor, name: string) => tf.Tensor): Tensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, t]) => [name, f(t, name)]));
}

/** Rows of one of several forward passes that share a step: [passes * N, ...] -> [N, ...]. */
function slicePass(t: tf.Tensor, pass: number, passes: number): tf.Tensor {
  if (passes === 1) return t;
  const rows = t.shape[0]! / passes;
  return tf.slice(t, [pass * rows, ...t.shape.slice(1).map(() => 0)], [rows, ...t.shape.slice(1)]);
}
