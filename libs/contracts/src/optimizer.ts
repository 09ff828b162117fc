import { z } from 'zod';

const learningRate = z.number().positive().max(100);

/** Adam with decoupled weight decay (Loshchilov & Hutter 2019). */
export const AdamW = z.strictObject({
  name: z.literal('adamw'),
  learningRate: learningRate.default(1e-3),
  beta1: z.number().min(0).lt(1).default(0.9),
  beta2: z.number().min(0).lt(1).default(0.999),
  epsilon: z.number().positive().default(1e-8),
  weightDecay: z.number().min(0).default(0),
});

/** Adafactor (Shazeer & Stern 2018) as Lester et al. 2021 ran it: constant rate, factored second moment, no
 *  parameter scaling. */
export const Adafactor = z.strictObject({
  name: z.literal('adafactor'),
  learningRate: learningRate.default(0.3),
  parameterScaling: z.boolean().default(false), // multiply the step by the parameter's RMS
  decayRate: z.number().positive().max(1).default(0.8), // beta2 at step t is 1 - t^-decayRate
  clipThreshold: z.number().positive().default(1), // RMS of an update is clipped to this
  weightDecay: z.number().min(0).default(1e-5),
});

export const Sgd = z.strictObject({
  name: z.literal('sgd'),
  learningRate: learningRate.default(0.1),
  momentum: z.number().min(0).lt(1).default(0),
  weightDecay: z.number().min(0).default(0),
});

export const Optimizer = z.discriminatedUnion('name', [AdamW, Adafactor, Sgd]);
export type Optimizer = z.infer<typeof Optimizer>;

/** Factor on the learning rate. Warm-up is linear from 0 over `warmup` steps; linear and cosine end at 0 on
 *  the last step. */
export const Schedule = z.strictObject({
  name: z.enum(['constant', 'linear', 'cosine']).default('constant'),
  warmup: z.int().min(0).default(0), // steps
});
export type Schedule = z.infer<typeof Schedule>;
