import { z } from 'zod';
import { Precision } from './precision.js';
import { Scale } from './scales.js';
import { LocalInput } from './input.js';
import { FailureCause, TrialConfig } from './trial.js';

/** One measured number of one trial. */
export const Metric = z.object({
  name: z.string(), // loss, accuracy, f1, step-ms …
  split: z.enum(['train', 'validation', 'test']),
  step: z.int().min(0),
  value: z.number(),
});
export type Metric = z.infer<typeof Metric>;

/** What the trainer is told about one trial of a gang. Folders are local; the worker fills and empties them.
 */
export const Member = z.object({
  attemptId: z.string(),
  config: TrialConfig,
  folder: z.string(), // scratch: every file the trial writes goes below it
  backboneFolder: z.string().nullable(), // the checkpoint this trial starts from, where another trial made it
  sourceFolder: z.string().nullable(), // what config.from ended with
  // of an evaluation: what the trials ended with that it asks, in the order of evaluatedBy (trial.ts)
  evaluatedFolders: z.array(z.string()).optional(),
  resumeFolder: z.string().nullable(), // a resume state written by an earlier attempt
  /** Where the files and folders lie that the config names, and what they must hold. Absent: where the config
   *  says, whatever they hold. */
  inputs: z.array(LocalInput).optional(),
});
export type Member = z.infer<typeof Member>;

/** Who computed a result on what. */
export const Provenance = z.object({
  code: z.string(), // version of peftgrid
  library: z.string(), // e.g. "libtensorflow 2.18.0"
  device: z.string(), // e.g. "CPU x 2 threads" or the GPU's name
  precision: Precision.optional(), // of the products; absent: older than that, float32
  // how the library computed products of float32 (oneDNN's mode); absent: older than that
  floatMode: z.string().optional(),
  dataHash: z.string(), // sha256 over the examples that were used, in order
  backboneHash: z.string(),
  // hashes of the files and folders that were read, sorted; absent: older than that
  inputs: z.array(z.string()).optional(),
});
export type Provenance = z.infer<typeof Provenance>;

/** Examples of each split of a task, as they are trained and tested on. */
export const SplitSizes = z.object({ train: z.int(), validation: z.int(), test: z.int() });
export type SplitSizes = z.infer<typeof SplitSizes>;

/** What a trial's time goes to. First calls of compiled steps count where they happen. */
export const Phase = z.enum([
  'loading', // backbone, and what it starts from
  'data', // reading it, the first time that its process does
  'reading once', // what the network makes of texts that it reads the same at every step
  'training',
  'validation',
  'test',
  'references',
  'saving',
]);
export type Phase = z.infer<typeof Phase>;

/** What the trial amounted to. `test` was computed once, with the checkpoint that validation chose. */
export const Summary = z.object({
  validation: z.record(z.string(), z.number()),
  test: z.record(z.string(), z.number()),
  metrics: z.record(z.string(), Scale), // of every number in `validation` and `test`
  // majority, zero-shot, naive-bayes: scores on the same test examples
  references: z.record(z.string(), z.number()),
  reportBy: z.string(), // which of the metrics they are
  sizes: SplitSizes.optional(), // absent: not recorded
  bestStep: z.int(),
  steps: z.int(), // optimizer steps done
  trainableParameters: z.int(),
  headParameters: z.int().optional(), // those of them that are a head's; absent: not recorded
  totalParameters: z.int(),
  trainSeconds: z.number(),
  compileSeconds: z.number(),
  phaseSeconds: z.partialRecord(Phase, z.number()).optional(), // absent: not recorded
  stepMs: z.number(), // median of a training step, of all trials that shared it
  gang: z.int().optional(), // trials that shared its steps, 1: alone; absent: not recorded
  peakMemoryBytes: z.int(),
  provenance: Provenance,
});
export type Summary = z.infer<typeof Summary>;

/** In an adapter's folder: what only trials that start from it read, and no library. */
export const parametersFile = 'parameters.safetensors';

export const TrainEvent = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('progress'),
    attemptId: z.string(),
    step: z.int(),
    steps: z.int(),
    note: z.string(),
    loading: z.literal(true).optional(), // it reads or compiles: how long that takes here is not measured yet
  }),
  z.object({ type: z.literal('metrics'), attemptId: z.string(), metrics: z.array(Metric) }),
  /** A complete folder below Member.folder: `resume` replaces the one before; `backbone` is weights at a step
   *  that others wait for; `adapter` is the result in Hugging Face PEFT's layout; `predictions` what it said
   *  (contracts/predictions.ts); `neighbours` what its virtual tokens are near to (contracts/neighbours.ts).
   */
  z.object({
    type: z.literal('checkpoint'),
    attemptId: z.string(),
    kind: z.enum(['resume', 'backbone', 'adapter', 'predictions', 'neighbours']),
    step: z.int(),
    folder: z.string(),
  }),
]);
export type TrainEvent = z.infer<typeof TrainEvent>;

/** Returned by the trainer, never deduced by anybody else. */
export const Verdict = z.discriminatedUnion('verdict', [
  z.object({ verdict: z.literal('succeeded'), attemptId: z.string(), summary: Summary }),
  z.object({ verdict: z.literal('failed'), attemptId: z.string(), cause: FailureCause, message: z.string() }),
  z.object({ verdict: z.literal('cancelled'), attemptId: z.string() }),
]);
export type Verdict = z.infer<typeof Verdict>;

/** worker -> trainer child */
export const TrainerCommand = z.discriminatedUnion('type', [
  z.object({ type: z.literal('train'), members: z.array(Member).min(1) }),
  z.object({ type: z.literal('cancel'), attemptId: z.string() }),
  /** Finish the step and stop without a verdict: the gang is given back. */
  z.object({ type: z.literal('abort') }),
]);
export type TrainerCommand = z.infer<typeof TrainerCommand>;

/** trainer child -> worker */
export const TrainerReply = z.discriminatedUnion('type', [
  /** `rssBytes`, here and below: the memory that it holds now. What it holds more, it is recycled by. */
  z.object({ type: z.literal('ready'), device: z.string(), library: z.string(), rssBytes: z.int() }),
  z.object({ type: z.literal('event'), event: TrainEvent }),
  /** The gang is done. */
  z.object({ type: z.literal('verdicts'), verdicts: z.array(Verdict), rssBytes: z.int() }),
  z.object({ type: z.literal('aborted') }),
  /** Its machine failed, e.g. a full disk: no verdict holds, and the gang is given back. */
  z.object({ type: z.literal('host-fault'), message: z.string() }),
  /** The trainer cannot compute at all, e.g. for want of the native library: one sentence that says what to
   *  do. */
  z.object({ type: z.literal('unable'), message: z.string() }),
]);
export type TrainerReply = z.infer<typeof TrainerReply>;
