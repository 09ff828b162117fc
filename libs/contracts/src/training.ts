import { z } from 'zod';
import { Optimizer, Schedule } from './optimizer.js';
import { Precision } from './precision.js';
import { metricNames } from './scales.js';

/** How a trial is trained. Steps are optimizer steps; `batch` is examples in one forward pass. */
export const Training = z.strictObject({
  // 0: an adapter that exists already is evaluated as it is (`from.adapter`)
  steps: z.int().min(0).max(10_000_000).default(1000),
  batch: z.int().min(1).max(4096).default(16),
  accumulation: z.int().min(1).max(1024).default(1), // forward passes summed into one optimizer step
  optimizer: Optimizer.prefault({ name: 'adamw' }),
  schedule: Schedule.prefault({}),
  precision: Precision.default('float32'),
  clipNorm: z.number().positive().nullable().default(null), // global gradient norm
  dropout: z.number().min(0).max(0.99).default(0), // of the backbone's own values, while training
  // share of each right class that all classes have between them, in cross entropies while training
  labelSmoothing: z.number().min(0).lt(1).default(0),
  evaluateEvery: z.int().min(1).nullable().default(null), // steps between validations; null: once, at the end
  // the validation metric that chooses checkpoints and ends patience; null: the task's own
  selectBy: z.enum(metricNames).nullable().default(null),
  // validations without improvement before stopping; needs evaluateEvery
  patience: z.int().min(1).nullable().default(null),
  // steps between resume states; null: chosen by time
  checkpointEvery: z.int().min(1).nullable().default(null),
});
export type Training = z.infer<typeof Training>;
