import { z } from 'zod';
import { Adapt, Backbone, Pretrain } from './backbone.js';
import { Method } from './method.js';
import { NoMethod } from './methods/none.js';
import { Task } from './task.js';
import { Training } from './training.js';

const Seed = z.int().min(0).max(2 ** 31 - 1).default(1); // prettier-ignore

/** What a trial's parameters were trained on before: prompt transfer (SPoT, Vu et al. 2022) and multi-task
 *  prompts (P-tuning v2, Liu et al. 2022) begin with what another trial of the same method on the same
 *  backbone ended with. */
export const Source = z.strictObject({ task: Task, training: Training, seed: Seed });
export type Source = z.infer<typeof Source>;

/** An adapter that exists already: a folder of Hugging Face peft's or an exported one, or a prompt in a
 *  .npy or .safetensors file (adapter-input.ts). */
export const AdapterSource = z.strictObject({ adapter: z.string().min(1) });
export type AdapterSource = z.infer<typeof AdapterSource>;

/** A PEFT method on a task. */
export const TuneConfig = z.strictObject({
  stage: z.literal('tune'),
  backbone: Backbone,
  task: Task,
  method: Method,
  training: Training.prefault({}),
  seed: Seed,
  from: z.union([Source, AdapterSource]).optional(), // absent: the method's own initialisation
});
export type TuneConfig = z.infer<typeof TuneConfig>;

/** The trial whose parameters this one starts from. */
export function sourceOf({ stage, backbone, method, from }: TuneConfig): TuneConfig | undefined {
  return from && 'task' in from ? { stage, backbone, method, ...from } : undefined;
}

/** The adapter that a trial starts from. */
export const adapterOf = ({ from }: Pick<TuneConfig, 'from'>): string | undefined =>
  from && 'adapter' in from ? from.adapter : undefined;

/** Several trials that differ in their seed alone answer together (Lester et al. 2021 §6). */
export const Ensemble = z.strictObject({
  seeds: z
    .array(Seed.unwrap())
    .min(2)
    .refine((seeds) => new Set(seeds).size === seeds.length, 'expected each seed once'),
  // the label that most members say, the first of them where labels are even; or the mean of probabilities
  combine: z.enum(['vote', 'mean']).default('vote'),
});
export type Ensemble = z.infer<typeof Ensemble>;

/** What a finished trial is asked beside what it was trained for. */
export const Evaluation = z
  .strictObject({
    task: Task.optional(), // absent: the trial's own
    ensemble: Ensemble.optional(), // absent: the trial alone
  })
  .refine(({ task, ensemble }) => task !== undefined || ensemble !== undefined, {
    message: 'expected a task, an ensemble or both',
  });
export type Evaluation = z.infer<typeof Evaluation>;

/** A trained method asked something else, or none (a prompt that somebody wrote): no step is trained. All
 *  but `evaluate` is the config of the trial that trained it; of an ensemble that of its first member. Where
 *  nothing was trained, `training` says no more than the precision. */
export const EvaluateConfig = z.strictObject({
  ...TuneConfig.shape,
  stage: z.literal('evaluate'),
  method: z.discriminatedUnion('name', [...Method.options, NoMethod]),
  // absent: there is no method, and the task itself is asked
  evaluate: Evaluation.optional(),
});
export type EvaluateConfig = z.infer<typeof EvaluateConfig>;

/** The trials whose parameters an evaluation reads: one, or an ensemble's members in the order of its seeds;
 *  none where nothing was trained. */
export function evaluatedBy({ evaluate, method, ...config }: EvaluateConfig): TuneConfig[] {
  if (method.name === 'none') return [];
  const { ensemble } = evaluate ?? {};
  return (ensemble?.seeds ?? [config.seed]).map((seed) => ({ ...config, method, stage: 'tune', seed }));
}

/** The task that an evaluation asks. */
export const askedTask = ({ task, evaluate }: EvaluateConfig): Task => evaluate?.task ?? task;

/** Pretraining from scratch. Weights are kept at every step of `checkpoints`, the last of which equals
 *  `pretrain.steps`. */
export const PretrainConfig = z.strictObject({
  stage: z.literal('pretrain'),
  pretrain: Pretrain,
  checkpoints: z.array(z.int().min(1)).min(1),
});
export type PretrainConfig = z.infer<typeof PretrainConfig>;

/** LM adaptation of `backbone` (which has no `adapt` of its own). */
export const AdaptConfig = z.strictObject({
  stage: z.literal('adapt'),
  backbone: Backbone,
  adapt: Adapt,
  checkpoints: z.array(z.int().min(1)).min(1),
});
export type AdaptConfig = z.infer<typeof AdaptConfig>;

/** A fully resolved trial: nothing is defaulted after this, and its canonical JSON is its address. */
export const TrialConfig = z.discriminatedUnion('stage', [
  TuneConfig,
  PretrainConfig,
  AdaptConfig,
  EvaluateConfig,
]);
export type TrialConfig = z.infer<typeof TrialConfig>;

/** blocked -> ready -> dispatched -> running -> one of the last four, which are final. */
export const TrialState = z.enum([
  'blocked',
  'ready',
  'dispatched',
  'running',
  'succeeded',
  'failed',
  'cancelled',
  'pruned',
]);
export type TrialState = z.infer<typeof TrialState>;

/** Crashes, which are tried again: `oom` (with evidence), `killed` (by a signal from outside), `timeout` (it
 *  hung), `error`. */
export const FailureCause = z.enum([
  'diverged',
  'oom',
  'killed',
  'invalid',
  'error',
  'timeout',
  'dependency',
]);
export type FailureCause = z.infer<typeof FailureCause>;
