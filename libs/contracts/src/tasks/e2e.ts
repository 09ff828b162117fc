import { z } from 'zod';
import { split, splitFiles } from './split.js';
import { textMetrics } from './text-metrics.js';

/** How the releases of E2E name their files, in a folder as they unpack to. */
const releases = {
  cleaned: { train: 'train-fixed.no-ol.csv', validation: 'devel-fixed.no-ol.csv', test: 'test-fixed.csv' },
  original: { train: 'trainset.csv', validation: 'devset.csv', test: 'testset_w_refs.csv' },
} as const;

/** Whether a path is one CSV file; else it is the folder of a release. */
const isCsv = (path: string): boolean => /\.csv(\.gz)?$/i.test(path);

/** E2E, Novikova et al. 2017: restaurants as slots, told in texts. The original release, or the one that
 *  Dušek et al. 2019 cleaned. Several texts of one meaning are its references. */
export const E2e = z
  .strictObject({
    name: z.literal('e2e'),
    ...splitFiles, // path: the training file, or a folder of all three
    release: z.enum(['cleaned', 'original']).default('cleaned'), // of a folder: whose names its files have
    // the column; orig_mr: of cleaned files, as they were before
    meaning: z.enum(['mr', 'orig_mr']).default('mr'),
    /** "name : Aromi | Type : pub", as Prefix-Tuning has it, or the meaning as the file has it. */
    input: z.enum(['fields', 'meaning']).default('fields'),
    // a training example, which `train` counts: a text with its meaning, or a meaning with all its texts, of
    // which each epoch trains on one, in turn
    trainOn: z.enum(['texts', 'meanings']).default('texts'),
    // what is cut off the training file has none of its meanings; name: none of its restaurants either, as
    // the published test file has none
    groupBy: z.enum(['name']).nullable().default(null),
    // which of answer.beams is the answer: the one with the fewest slot errors; null: the likeliest
    rerank: z.enum(['slotErrors']).nullable().default(null),
    // the first chooses checkpoints; null: all of E2E's
    metrics: textMetrics(),
    ...split,
  })
  .refine(
    ({ path, validationPath, testPath }) => isCsv(path) || (validationPath === null && testPath === null),
    {
      path: ['path'],
      message:
        'a folder has all three files; expected a .csv where others are named next to it, or no other path',
    },
  )
  .refine(({ rerank, answer }) => rerank === null || answer.beams > 1, {
    path: ['rerank'],
    message: 'chooses among beams, and answer.beams is 1; expected two beams or more, or no rerank',
  })
  .refine(({ path, release }) => !isCsv(path) || release === 'cleaned', {
    path: ['release'],
    message: 'names the files of a folder, and task.path is a file; leave it out',
  });
export type E2e = z.infer<typeof E2e>;

/** The files of a folder; null where the config names each file. */
export const e2eFolderFiles = ({ path, release }: E2e) => (isCsv(path) ? null : releases[release]);
