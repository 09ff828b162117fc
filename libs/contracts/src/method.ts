import { z } from 'zod';
import { parseTemplate } from './template.js';

/** Soft prompt in front of the (encoder) input, Lester et al. 2021. */
export const PromptTuning = z.strictObject({
  name: z.literal('prompt-tuning'),
  length: z.int().min(1).max(10_000).default(100), // virtual tokens
  /** random: U[-0.5, 0.5] as in the paper; random-positive: U[0, 0.5), as the released code draws. */
  init: z.enum(['random', 'random-positive', 'vocabulary', 'class-labels']).default('class-labels'),
  place: z.enum(['input', 'encoder-and-decoder']).default('input'), // a prompt of its own for the decoder too
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
  dropout: z.number().min(0).max(0.99).default(0), // of what the update reads, while training
});
export type Lora = z.infer<typeof Lora>;

/** LoRA on weights whose columns keep a trained length, Liu et al. 2024 (weight-decomposed). */
export const Dora = z.strictObject({ ...Lora.shape, name: z.literal('dora') });
export type Dora = z.infer<typeof Dora>;

/** LoRA over weights kept in 4 bits, Dettmers et al. 2023. Frozen weights of linear maps are NF4 in blocks of 64. */
export const QLora = z.strictObject({
  ...Lora.shape,
  name: z.literal('qlora'),
  rank: z.int().min(1).max(1024).default(64), // targets null: every linear map
  alpha: z.number().positive().default(16),
  dropout: z.number().min(0).max(0.99).default(0.1),
  doubleQuantisation: z.boolean().default(true), // the blocks' scales in 8 bits too
});
export type QLora = z.infer<typeof QLora>;

/** Low-rank updates P diag(lambda) Q whose ranks compete for a budget, Zhang et al. 2023. */
export const AdaLora = z.strictObject({
  name: z.literal('adalora'),
  targets, // null: every linear map
  rank: z.int().min(1).max(1024).default(12), // of each map at first
  targetRank: z.int().min(1).max(1024).default(8), // of each map at the end, on average
  alpha: z.number().positive().nullable().default(null), // null: no scaling, as in the paper; else alpha / rank, as in its code
  warmup: z.int().min(0).default(0), // steps before the budget shrinks (t_i)
  final: z.int().min(0).default(0), // steps at the end with a settled budget (t_f)
  every: z.int().min(1).default(1), // steps between two allocations (delta T)
  beta1: z.number().min(0).max(0.9999).default(0.85), // of the importance's running mean
  beta2: z.number().min(0).max(0.9999).default(0.85), // of its uncertainty's
  orthogonality: z.number().min(0).default(0.1), // gamma; Hugging Face peft's default is 0.5
});
export type AdaLora = z.infer<typeof AdaLora>;

/** Gated prefix, adapter and LoRA together, Mao et al. 2022. */
export const UniPelt = z.strictObject({
  name: z.literal('unipelt'),
  parts: z
    .array(z.enum(['prefix', 'adapter', 'lora']))
    .min(1)
    .default(['prefix', 'adapter', 'lora']),
  gates: z.boolean().default(true),
  length: z.int().min(1).max(10_000).default(10), // virtual tokens of the prefix
  hidden: z.int().min(1).max(65_536).nullable().default(512), // width of the MLP it is trained through; null: none
  bottleneck: z.int().min(1).max(65_536).default(48),
  rank: z.int().min(1).max(1024).default(8),
  alpha: z.number().positive().default(16),
});
export type UniPelt = z.infer<typeof UniPelt>;

/** The last layers' weights only (FT-top2 in Li & Liang 2021). */
export const TopLayers = z.strictObject({ name: z.literal('top-layers'), layers: z.int().min(1).max(1000).default(2) });
export type TopLayers = z.infer<typeof TopLayers>;

function refuseTemplate(template: string, context: z.RefinementCtx): void {
  try {
    parseTemplate(template, 1);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
  }
}

/** Pseudo tokens made by a prompt encoder, Liu et al. 2021 (P-tuning v1). */
export const PTuning = z.strictObject({
  name: z.literal('p-tuning'),
  length: z.int().min(1).max(10_000).default(9), // pseudo tokens
  encoder: z.enum(['lstm', 'mlp', 'none']).default('lstm'),
  hidden: z.int().min(2).max(65_536).nullable().default(null), // width of the encoder, even for an LSTM; null: the model's
  form: z.enum(['paper', 'peft']).default('paper'), // LSTM of hidden / 2 a direction; peft: of hidden
  /** Words around {text}, with pseudo tokens at {prompt} (`length` of them) or {prompt:3}, and the label's place at {mask}; null: the pseudo tokens,
   *  then the text. */
  template: z.string().max(10_000).superRefine(refuseTemplate).nullable().default(null),
  modelRate: z.number().min(0).max(1).default(0), // learning rate of the language model over the prompt's; 0: frozen
});
export type PTuning = z.infer<typeof PTuning>;

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
  trainNorms: z.boolean().nullable().default(null), // LayerNorms too; null: as the kind's paper does, so for houlsby
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
  init: z.enum(['random', 'real-words']).default('random'), // real-words: what the frozen model makes of `words`
  words: z.string().min(1).max(10_000).nullable().default(null), // repeated or cut to the length; null: the label words
  position: z.enum(['prefix', 'infix']).default('prefix'), // infix: between the text and what is written after it
  depth: z.enum(['all', 'embedding-only']).default('all'), // embedding-only: virtual tokens below the first layer
  relativePositions: z.boolean().default(false), // T5: whether the prefix stands in front of the text, or nowhere
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
  dropout: z.number().min(0).lt(1).default(0), // of the prompts' keys and values; the released code has 0.1
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
  Dora,
  QLora,
  AdaLora,
  UniPelt,
  TopLayers,
  PTuning,
]);
export type Method = z.infer<typeof Method>;

/** Whether a linear head answers, which reads no label words. */
export const trainsHead = (method: Method): boolean =>
  method.name === 'head' || (method.name === 'p-tuning-v2' && method.classifier);

export type MethodName = Method['name'];
