import { z } from 'zod';
import type { Kind } from '../kind.js';
import { split } from './split.js';

/** The datasets of GLUE (Wang et al. 2018) but for WNLI, each with the kind of its answers. */
export const glueKinds = {
  cola: 'class',
  sst2: 'class',
  mrpc: 'class',
  qqp: 'class',
  stsb: 'number',
  mnli: 'class',
  qnli: 'class',
  rte: 'class',
} as const satisfies Record<string, Kind>;

export type GlueDataset = keyof typeof glueKinds;

/** Folders of the published TSV files. */
const published = {
  cola: 'CoLA',
  sst2: 'SST-2',
  mrpc: 'MRPC',
  qqp: 'QQP',
  stsb: 'STS-B',
  mnli: 'MNLI',
  qnli: 'QNLI',
  rte: 'RTE',
} as const satisfies Record<GlueDataset, string>;

/** A GLUE folder: a part of the training file chooses checkpoints, and dev is reported (test labels are not
 *  public). */
export const Glue = z.strictObject({
  name: z.literal('glue'),
  dataset: z.enum(Object.keys(glueKinds) as [GlueDataset, ...GlueDataset[]]),
  path: z.string().min(1), // folder that holds CoLA/train.tsv, or cola/train.jsonl
  // as published, or JSON lines with the fields of Hugging Face's copy
  format: z.enum(['tsv', 'jsonl']).default('tsv'),
  /** T5's one text, or the two sentences of a pair, which encoders read with segments of their own. */
  input: z.enum(['text', 'pair']).default('text'),
  ...split,
});
export type Glue = z.infer<typeof Glue>;

/** The files of a dataset below the folder. MNLI has two dev files. */
export function glueFiles({ dataset, format }: Pick<Glue, 'dataset' | 'format'>): {
  train: string;
  dev: string[];
} {
  const folder = format === 'tsv' ? published[dataset] : dataset;
  const dev = dataset === 'mnli' ? ['dev_matched', 'dev_mismatched'] : ['dev'];
  return { train: `${folder}/train.${format}`, dev: dev.map((name) => `${folder}/${name}.${format}`) };
}
