import { z } from 'zod';
import { split } from './split.js';
import { textMetrics } from './text-metrics.js';

/** WebNLG 2017, Gardent et al. 2017: triples of DBpedia, told in texts. The folder of the release, with
 *  train, dev and test. */
export const WebNlg = z.strictObject({
  name: z.literal('webnlg'),
  path: z.string().min(1),
  // the first chooses checkpoints; null: all of WebNLG's
  metrics: textMetrics('slotErrorRate'),
  ...split,
});
export type WebNlg = z.infer<typeof WebNlg>;

/** What of the folder is read, by split: a file a category and number of triples, and one test file. */
export const webNlgFiles = {
  train: 'train/*/*.xml',
  validation: 'dev/*/*.xml',
  test: 'test/testdata_with_lex.xml',
} as const;
