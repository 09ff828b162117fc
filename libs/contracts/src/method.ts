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

/** Biases only, Ben Zaken et al. 2022. */
export const BitFit = z.strictObject({
  name: z.literal('bitfit'),
  terms: targets, // modules whose biases are trained, by the ends of their names; null: all. The paper's pair: ["query", "intermediate.dense"]
});
export type BitFit = z.infer<typeof BitFit>;

/** Learned scales of keys, values and feed-forward activations, Liu et al. 2022 (T-Few). */
export const Ia3 = z.strictObject({ name: z.literal('ia3'), targets });
export type Ia3 = z.infer<typeof Ia3>;

/** Bottleneck adapters: Houlsby et al. 2019, Pfeiffer et al. 2021, He et al. 2022. */
export const Adapter = z.strictObject({
  name: z.literal('adapter'),
  kind: z.enum(['houlsby', 'pfeiffer', 'parallel']).default('houlsby'),
  bottleneck: z.int().min(1).max(65_536).default(64),
  activation: z.enum(['gelu', 'relu', 'swish']).default('gelu'),
  scale: z.number().positive().default(1), // He et al. use 4 for the parallel form
  initStd: z.number().min(0).default(1e-2),
});
export type Adapter = z.infer<typeof Adapter>;

/** Keys and values in front of every layer's own, Li & Liang 2021. */
export const PrefixTuning = z.strictObject({
  name: z.literal('prefix-tuning'),
  length: z.int().min(1).max(10_000).default(10), // virtual tokens
  hidden: z.int().min(1).max(65_536).nullable().default(512), // width of the MLP it is trained through; null: none
  places: z
    .array(z.enum(['encoder', 'decoder', 'cross']))
    .min(1)
    .nullable()
    .default(null), // null: every attention of the model
});
export type PrefixTuning = z.infer<typeof PrefixTuning>;

/** Deep prompts with a linear head, Liu et al. 2022 (P-tuning v2). */
export const PTuningV2 = z.strictObject({
  name: z.literal('p-tuning-v2'),
  length: z.int().min(1).max(10_000).default(20), // virtual tokens
  hidden: z.int().min(1).max(65_536).nullable().default(null), // width of an MLP it is trained through; null: none
  layers: z
    .tuple([z.int().min(0), z.int().min(0)])
    .nullable()
    .default(null), // first and last layer with prompts, from 0; null: all
  classifier: z.boolean().default(true), // false: the task's own verbalizer answers
});
export type PTuningV2 = z.infer<typeof PTuningV2>;

/** Prefix and parallel adapter together, He et al. 2022 (MAM adapter). */
export const Mam = z.strictObject({
  name: z.literal('mam'),
  length: z.int().min(1).max(10_000).default(30), // virtual tokens of the prefix
  hidden: z.int().min(1).max(65_536).nullable().default(512), // width of the MLP it is trained through; null: none
  bottleneck: z.int().min(1).max(65_536).default(512),
  scale: z.number().positive().default(4),
  initStd: z.number().min(0).default(1e-2),
});
export type Mam = z.infer<typeof Mam>;

export const Method = z.discriminatedUnion('name', [
  PromptTuning,
  HeadOnly,
  FullTuning,
  Lora,
  BitFit,
  Ia3,
  Adapter,
  PrefixTuning,
  PTuningV2,
  Mam,
]);
export type Method = z.infer<typeof Method>;
export type MethodName = Method['name'];
