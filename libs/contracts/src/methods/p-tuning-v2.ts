import { z } from 'zod';

/** Deep prompts with a linear head, Liu et al. 2022 (P-tuning v2). */
export const PTuningV2 = z.strictObject({
  name: z.literal('p-tuning-v2'),
  length: z.int().min(1).max(10_000).default(20), // virtual tokens
  // width of an MLP it is trained through; null: none
  hidden: z.int().min(1).max(65_536).nullable().default(null),
  layers: z
    .tuple([z.int().min(0), z.int().min(0)])
    .nullable()
    .default(null), // first and last layer with prompts, from 0; null: all
  classifier: z.boolean().default(true), // false: the task's own verbalizer answers
  dropout: z.number().min(0).lt(1).default(0), // of the prompts' keys and values; the released code has 0.1
});
export type PTuningV2 = z.infer<typeof PTuningV2>;
