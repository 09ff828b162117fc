import { z } from 'zod';

/** Soft prompt in front of the (encoder) input, Lester et al. 2021. */
export const PromptTuning = z.strictObject({
  name: z.literal('prompt-tuning'),
  length: z.int().min(1).max(10_000).default(100), // virtual tokens
  init: z.enum(['random', 'vocabulary', 'class-labels']).default('class-labels'),
});
export type PromptTuning = z.infer<typeof PromptTuning>;

/** A linear classifier on the pooled final states; the backbone is frozen. */
export const HeadOnly = z.strictObject({ name: z.literal('head') });
export type HeadOnly = z.infer<typeof HeadOnly>;

/** Every weight of the backbone is trained ("model tuning" in Lester et al. 2021). */
export const FullTuning = z.strictObject({ name: z.literal('full') });
export type FullTuning = z.infer<typeof FullTuning>;

export const Method = z.discriminatedUnion('name', [PromptTuning, HeadOnly, FullTuning]);
export type Method = z.infer<typeof Method>;
export type MethodName = Method['name'];
