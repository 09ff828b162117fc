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

/** Ends of linear maps' names, as in Hugging Face peft's target_modules; null: the method's own choice. */
const targets = z.array(z.string().min(1)).min(1).nullable().default(null);

/** Low-rank updates of linear maps, Hu et al. 2022. */
export const Lora = z.strictObject({
  name: z.literal('lora'),
  targets, // null: queries and values
  rank: z.int().min(1).max(1024).default(8),
  alpha: z.number().positive().default(8), // the update is scaled by alpha / rank
  rsLora: z.boolean().default(false), // by alpha / sqrt(rank) instead (Kalajdzievski 2023)
});
export type Lora = z.infer<typeof Lora>;

export const Method = z.discriminatedUnion('name', [PromptTuning, HeadOnly, FullTuning, Lora]);
export type Method = z.infer<typeof Method>;
export type MethodName = Method['name'];
