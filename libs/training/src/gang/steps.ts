import { createHash } from 'node:crypto';
import * as tf from '@tensorflow/tfjs';
import type { TuneConfig } from '#contracts/trial.js';
import { clipByGlobalNorm } from '#engine/optimizers/clip.js';
import { inLanes, laneCount } from '#engine/step/lanes.js';
import { valueAndGradients } from '#engine/step/gradients.js';
import { optimizerRule } from '#engine/optimizers/optimizer.js';
import { Step, type StepArguments, type StepResult, type Tensors } from '#engine/step/step.js';
import type { Draws } from '#engine/ops/dropout.js';
import type { Pass } from '#methods/method.js';
import type { Method } from '#contracts/method.js';
import { stepContent } from '#contracts/sharing.js';
import type { Adaptation } from '#models/adaptation.js';
import { type Bind, Writer } from '#models/generate/writer.js';
import type { Model } from '#models/model.js';
import type { Answering } from '../answers/answering.js';
import { withDropout } from './backbone-dropout.js';
import { methodFor } from '../tune/method-for.js';
import { Warm } from '../warm/warm.js';

/** The compiled work of a gang. It holds nothing of one trial: all that trials of the same kind differ in is
 *  an argument. */
export interface TuneSteps {
  train: Step;
  score: Step; // the answers' outputs
  writer: Writer | undefined; // where the backbone has a decoder
}

const mostSignatures = 48;

/** Trials of fewer steps run TensorFlow's own kernels: XLA compiles every length of text for seconds, which a
 *  short trial never earns back. It goes by the config, so that a resumed trial computes as it did before.
 *  Where there are lanes nothing is compiled as a whole: XLA would run both on one core, and took 1.6 to 3
 *  times as long on every shape of bench/. */
const stepsWorthCompiling = 1000;

const worthCompiling = (steps: number): boolean => laneCount() === 1 && steps >= stepsWorthCompiling;

const warm = new Warm<TuneSteps>(
  mostSignatures,
  ({ train, score, writer }) => train.signatures + score.signatures + (writer?.signatures ?? 0),
  ({ train, score, writer }) => [train, score, writer].forEach((steps) => steps?.dispose()),
);

/** The steps of `members` trials like `config` on this backbone, shared by all trials that differ in seed,
 *  rates and data only. */
export function tuneSteps(model: Model, config: TuneConfig, members: number, answers: Answering): TuneSteps {
  const content = {
    ...stepContent(config),
    backbone: model.hash,
    compiles: worthCompiling(config.training.steps),
    members,
    answers: answers.key,
  };
  const key = createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 12);
  return warm.get(key) ?? warm.keep(key, newSteps(key, model, config, members, answers));
}

function newSteps(
  key: string,
  model: Model,
  config: TuneConfig,
  members: number,
  answers: Answering,
): TuneSteps {
  const method = methodFor(config.method, answers);
  const { accumulation, clipNorm, precision } = config.training;
  const rule = optimizerRule(config.training.optimizer);
  const passOf = ({ frozen, constants }: StepArguments, parameters: Tensors, draws?: Draws): Pass<Method> => {
    return { config: config.method, model, frozen, parameters, constants, members, ...(draws && { draws }) };
  };

  /** Where a batch, or a lane of it, holds states, the layers that they stand in front of go on from them. */
  const layer = method.frozenBelow?.(config.method, model)?.layer ?? 0;
  const begun = (adaptation: Adaptation, { states }: Tensors): Adaptation =>
    states ? { ...adaptation, begin: { layer, states: states as tf.Tensor3D } } : adaptation;

  /** Losses [G] of one forward pass and the gradients of their sum: no member's depends on another's
   *  parameters. */
  const differentiated = (args: StepArguments, parameters: Tensors, part: Tensors, seeds: tf.Tensor2D) =>
    valueAndGradients(() => {
      const { frozen, constants } = args;
      const weights = method.weights(frozen, parameters, config.method);
      const rows = inLanes(part, members, (own, lane) =>
        answers.losses({
          weights,
          adaptation: withDropout(
            begun(method.adapt(passOf(args, parameters, { seeds, lane })), own),
            config.training.dropout,
            { seeds, lane },
          ),
          batch: own,
          constants,
        }),
      );
      const own = tf.mean(tf.reshape(rows, [members, -1]), 1);
      const losses = method.penalty ? tf.add(own, method.penalty(passOf(args, parameters))) : own;
      return { loss: tf.sum(losses) as tf.Scalar, aux: { losses } };
    }, parameters);

  const train = (args: StepArguments): StepResult => {
    const { state, batch, scalars } = args;
    const parameters = parametersOf(state);
    const passes = Array.from({ length: accumulation }, (_, pass) => {
      const part = mapped(batch, (t) => slicePass(t, pass, accumulation));
      const seeds = tf.squeeze(
        tf.slice(scalars['dropoutSeeds']!, [pass, 0, 0], [1, -1, -1]),
        [0],
      ) as tf.Tensor2D;
      return differentiated(args, parameters, part, seeds);
    });
    const mean = (tensors: tf.Tensor[]) =>
      accumulation === 1 ? tensors[0]! : tf.div(tf.addN(tensors), accumulation);
    const gradients = mapped(parameters, (_, name) => mean(passes.map((p) => p.gradients[name]!)));
    const clipped = clipNorm === null ? gradients : clipByGlobalNorm(gradients, clipNorm);
    const next = rule.update(
      parameters,
      clipped,
      state,
      scalars['rate'] as tf.Tensor1D,
      scalars['step'] as tf.Scalar,
    );
    const changed = method.afterStep?.(passOf(args, next.parameters), {
      gradients: clipped,
      state,
      step: scalars['step'] as tf.Scalar,
      steps: scalars['steps'] as tf.Scalar,
    });
    return {
      state: { ...next.parameters, ...next.state, ...changed?.parameters, ...changed?.state },
      outputs: { loss: mean(passes.map((p) => p.aux.losses)) },
    };
  };

  const score = (args: StepArguments): StepResult => {
    const { frozen, constants, state, batch } = args;
    const weights = method.weights(frozen, state, config.method);
    const adaptation = method.adapt(passOf(args, state));
    const scores = inLanes(batch, members, (own) =>
      answers.outputs({ weights, adaptation: begun(adaptation, own), batch: own, constants }),
    );
    return { state: {}, outputs: { scores } };
  };

  const bind: Bind = (args, part) => ({
    weights: method.weights(args.frozen, args.state, config.method),
    adaptation: begun(method.adapt(passOf(args, args.state)), part),
  });

  // Scoring meets many lengths once each: tracing them is quick, compiling them would cost more than it
  // saves.
  return {
    train: new Step(`train ${key}`, train, {
      xla: worthCompiling(config.training.steps) ? 'measure' : false,
      precision,
    }),
    score: new Step(`score ${key}`, score, { xla: false, precision }),
    writer:
      model.kind === 'encoder' ? undefined : new Writer(key, model.writing, bind, { members, precision }),
  };
}

/** What optimizers, and methods, keep beside a parameter is named after it. */
export const optimizerSuffixes = [
  '.mean',
  '.square',
  '.rows',
  '.columns',
  '.velocity',
  '.importance',
  '.uncertainty',
];
const optimizers = /\.(mean|square|rows|columns|velocity|importance|uncertainty)$/;

/** What of the state is parameters, and not what the optimizer keeps beside one of them. */
export function parametersOf(state: Tensors): Tensors {
  const own = (name: string) =>
    !(optimizers.test(name) && Object.hasOwn(state, name.replace(optimizers, '')));
  return Object.fromEntries(Object.entries(state).filter(([name]) => own(name)));
}

export function mapped(tensors: Tensors, f: (t: tf.Tensor, name: string) => tf.Tensor): Tensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, t]) => [name, f(t, name)]));
}

/** Rows of one of several forward passes that share a step: [passes * N, ...] -> [N, ...]. */
function slicePass(t: tf.Tensor, pass: number, passes: number): tf.Tensor {
  if (passes === 1) return t;
  const rows = t.shape[0]! / passes;
  return tf.slice(t, [pass * rows, ...t.shape.slice(1).map(() => 0)], [rows, ...t.shape.slice(1)]);
}
