import * as tf from '@tensorflow/tfjs';
import { AdamW } from '#contracts/optimizer.js';
import { valueAndGradients } from '#engine/gradients.js';
import { optimizerRule } from '#engine/optimizers/optimizer.js';
import { matmulPeak } from '#engine/peak.js';
import { startEngine } from '#engine/start.js';
import { Step, type StepArguments, type Tensors } from '#engine/step.js';
import { languageModelLoss, languageModelWeights } from './language-model.js';
import { type Shape, shapes } from './shapes.js';
import { transformerLoss } from './transformer.js';

/** One shape's training step in a process of its own: `engine-step.js NAME STEPS THREADS`; prints one JSON object. */

interface Problem {
  parameters: Tensors; // with the member axis
  frozen: Tensors;
  constants: Tensors;
  batch: Tensors;
  loss(parameters: Tensors, frozen: Tensors, constants: Tensors, batch: Tensors): tf.Scalar;
}

async function main(): Promise<void> {
  const [name, steps, threads] = process.argv.slice(2);
  const shape = shapes.find((s) => s.name === name);
  if (!shape) throw new Error(`no shape is called "${name}"`);
  await startEngine({ threads: Number(threads), device: 'cpu' });
  const problem = shape.kind === 'language-model' ? languageModel(shape) : transformerLoss(shape.shape);
  const adam = optimizerRule(AdamW.parse({ name: 'adamw' }));
  const step = new Step(`bench ${name}`, (a) => update(problem, adam, a));
  const eager = losses(problem, adam, (args) => step.runEagerly(args), 4);
  const compiled = losses(problem, adam, (args) => step.run(args), Number(steps) + 3);
  const gaps = eager.values.map((v, i) => Math.abs(v - compiled.values[i]!) / Math.abs(v));
  const { ru } = { ru: process.resourceUsage().maxRSS * 1024 };
  const report = {
    ms: compiled.ms.slice(3),
    firstMs: compiled.ms[0],
    lossGap: Math.max(...gaps),
    peakBytes: ru,
    peakGflops: matmulPeak(),
  };
  process.stdout.write(`${JSON.stringify(report)}\n`);
  process.exit(0);
}

function update(p: Problem, rule: ReturnType<typeof optimizerRule>, { frozen, constants, state, batch, scalars }: StepArguments) {
  const names = Object.keys(p.parameters);
  const parameters = Object.fromEntries(names.map((n) => [n, state[n]!]));
  const { loss, gradients } = valueAndGradients(
    () => ({ loss: p.loss(parameters, frozen, constants, batch), aux: {} }),
    parameters,
  );
  const next = rule.update(parameters, gradients, state, scalars['rate'] as tf.Tensor1D, scalars['step'] as tf.Scalar);
  return { state: { ...next.parameters, ...next.state }, outputs: { loss } };
}

/** Runs `count` steps from the start; the loss is read after every one, as the peers' is not: that is in our time. */
function losses(
  p: Problem,
  rule: ReturnType<typeof optimizerRule>,
  run: (args: StepArguments) => ReturnType<Step['run']>,
  count: number,
) {
  let state: Tensors = {
    ...Object.fromEntries(Object.entries(p.parameters).map(([n, t]) => [n, tf.clone(t)])),
    ...rule.init(p.parameters),
  };
  const values: number[] = [];
  const ms: number[] = [];
  for (let i = 1; i <= count; i++) {
    const start = performance.now();
    const scalars = { rate: tf.tensor1d([1e-3]), step: tf.scalar(i) };
    const result = run({ frozen: p.frozen, constants: p.constants, state, batch: p.batch, scalars });
    values.push(result.outputs['loss']!.dataSync()[0]!);
    tf.dispose([state, scalars, result.outputs]);
    state = result.state;
    ms.push(performance.now() - start);
  }
  tf.dispose(state);
  return { values, ms };
}

/** Adds the member axis of a gang of one. */
export function ganged(tensors: Tensors): Tensors {
  return Object.fromEntries(Object.entries(tensors).map(([n, t]) => [n, tf.expandDims(t, 0)]));
}

function languageModel({ shape: c }: Extract<Shape, { kind: 'language-model' }>): Problem {
  const tokens = c.batch * c.length;
  const ids = Int32Array.from({ length: tokens }, (_, i) => (i * 37 + 11) % c.vocabulary);
  const labels = Int32Array.from({ length: tokens }, (_, i) => (i * 53 + 5) % c.vocabulary);
  const squeeze = (w: Tensors): Tensors => Object.fromEntries(Object.entries(w).map(([n, t]) => [n, tf.squeeze(t, [0])]));
  return {
    parameters: ganged(languageModelWeights(c)),
    frozen: {},
    constants: {},
    batch: { ids: tf.tensor2d(ids, [c.batch, c.length], 'int32'), labels: tf.tensor1d(labels, 'int32') },
    loss: (w, _f, _c, b) => languageModelLoss(squeeze(w), c, b['ids'] as tf.Tensor2D, b['labels'] as tf.Tensor1D),
  };
}

void main();
