import { z } from 'zod';
import { split, splitFiles } from './split.js';
import { textMetrics } from './text-metrics.js';

/** DART, Nan et al. 2021: triples from tables and from other sets, told in texts. The JSON of the release. */
export const Dart = z.strictObject({
  name: z.literal('dart'),
  ...splitFiles,
  /** Texts that a validation or test example is held against, the first of each; null: all. The official test
   *  has three. */
  references: z.int().min(1).nullable().default(3),
  // the first chooses checkpoints; null: all of DART's
  metrics: textMetrics('slotErrorRate'),
  ...split,
});
export type Dart = z.infer<typeof Dart>;
