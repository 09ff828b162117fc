import { z } from 'zod';
import { Optimizer, Schedule } from './optimizer.js';
import { Precision } from './precision.js';

/** Text to pretrain on. `wordnet`: training synsets as sentences; `sotu`, `moby-dick`: public-domain prose;
 *  or a text file, one document a line. */
export const Corpus = z.strictObject({
  sources: z
    .array(z.union([z.enum(['wordnet', 'sotu', 'moby-dick']), z.strictObject({ path: z.string().min(1) })]))
    .min(1),
});
export type Corpus = z.infer<typeof Corpus>;

/** A T5 v1.1 size; names as in config.json of Hugging Face. */
export const T5Size = z.strictObject({
  family: z.literal('t5'),
  dModel: z.int().min(8).max(8192),
  dKv: z.int().min(4).max(512),
  dFf: z.int().min(8).max(65_536),
  layers: z.int().min(1).max(96), // encoder
  decoderLayers: z.int().min(1).max(96).nullable().default(null), // null: as many as the encoder
  heads: z.int().min(1).max(128),
  tiedHead: z.boolean().default(false),
});
export type T5Size = z.infer<typeof T5Size>;

const decoder = {
  dModel: z.int().min(8).max(8192),
  layers: z.int().min(1).max(96),
  heads: z.int().min(1).max(128),
  positions: z.int().min(16).max(131_072).default(1024), // tokens of the longest text
  tiedHead: z.boolean().default(true),
};

/** Whether heads divide the width, into even parts where positions are rotations. */
const divided = ({ dModel, heads }: { dModel: number; heads: number }): boolean => dModel % (2 * heads) === 0;
const undivided = { path: ['heads'], message: 'expected heads of equal, even width: dModel / heads' };

/** A GPT-2 size. */
export const Gpt2Size = z
  .strictObject({
    family: z.literal('gpt2'),
    ...decoder,
    dFf: z.int().min(8).max(65_536).nullable().default(null), // null: 4 dModel
  })
  .refine(divided, undivided);

/** A LLaMA size. */
export const LlamaSize = z
  .strictObject({
    family: z.literal('llama'),
    ...decoder,
    dFf: z.int().min(8).max(65_536),
    kvHeads: z.int().min(1).max(128).nullable().default(null), // shared by queries; null: as many as heads
  })
  .refine(divided, undivided)
  .refine(({ heads, kvHeads }) => heads % (kvHeads ?? heads) === 0, {
    path: ['kvHeads'],
    message: 'expected a number that divides heads',
  });

/** What is trained from scratch. */
export const ModelSize = z.discriminatedUnion('family', [T5Size, Gpt2Size, LlamaSize]);
export type ModelSize = z.infer<typeof ModelSize>;

const stage = {
  corpus: Corpus,
  steps: z.int().min(1).max(10_000_000),
  batch: z.int().min(1).max(4096).default(32), // sequences
  length: z.int().min(16).max(4096).default(128), // input tokens of a sequence
  optimizer: Optimizer.prefault({ name: 'adamw', learningRate: 3e-3 }),
  schedule: Schedule.prefault({}),
  precision: Precision.default('float32'),
  clipNorm: z.number().positive().nullable().default(1),
  seed: z.int().min(0).default(0),
};

/** Pretraining from scratch: of a T5 by span corruption, 15 % of tokens in spans of mean length 3 behind
 *  sentinels (Raffel et al. 2020 §3.1.4); of a decoder by predicting each token of packed text. */
export const Pretrain = z.strictObject({
  size: ModelSize,
  tokenizer: z.string().min(1), // name of a backbone whose tokenizer is used, or a folder with tokenizer.json
  // of a T5
  noiseDensity: z.number().gt(0).lt(1).default(0.15),
  meanSpan: z.number().min(1).default(3),
  ...stage,
});
export type Pretrain = z.infer<typeof Pretrain>;

/** LM adaptation of an existing backbone: of an encoder-decoder as a prefix LM (Lester et al. 2021 §3.1), of
 *  a decoder on packed text as it was pretrained. The schedule must not depend on the last step, so that one
 *  run can serve every step count a grid asks for. */
export const Adapt = z.strictObject({
  ...stage,
  steps: z.int().min(0).max(10_000_000), // 0: the backbone as it is
  corpus: Corpus.prefault({ sources: ['wordnet'] }),
  optimizer: Optimizer.prefault({ name: 'adamw', learningRate: 1e-3 }),
  schedule: z
    .strictObject({ name: z.literal('constant').default('constant'), warmup: z.int().min(0).default(0) })
    .prefault({}),
});
export type Adapt = z.infer<typeof Adapt>;

/** Where the weights come from: a registered name, a Hugging Face folder, or pretraining done by another
 *  trial; then, optionally, LM adaptation. */
export const Backbone = z
  .strictObject({
    name: z.string().min(1).optional(),
    folder: z.string().min(1).optional(),
    pretrain: Pretrain.optional(),
    adapt: Adapt.optional(),
  })
  .refine((b) => [b.name, b.folder, b.pretrain].filter((x) => x !== undefined).length === 1, {
    message: 'expected exactly one of name, folder, pretrain',
  });
export type Backbone = z.infer<typeof Backbone>;
