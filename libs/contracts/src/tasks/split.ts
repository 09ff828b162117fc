import { z } from 'zod';
import { Answer } from '../answer.js';

/** What every task has. */
export const split = {
  // examples taken from the fixed training split; null: all of it
  train: z.int().min(1).nullable().default(null),
  // which of the subsets of `train` examples; apart from the seed, which trains on it. Needs `train`
  draw: z.int().min(0).max(2 ** 31 - 1).default(0), // prettier-ignore
  validation: z.int().min(1).nullable().default(null),
  test: z.int().min(1).nullable().default(null),
  maxLength: z.int().min(4).max(4096).default(128), // tokens of input kept, specials included
  // T5: whether what is written begins with <extra_id_0>, as in span corruption (Lester et al. 2021 §3.2)
  sentinel: z.boolean().default(false),
  answer: Answer.prefault({}),
};

/** The files of a task whose files are the user's. */
export const splitFiles = {
  path: z.string().min(1), // the training file, or the only file
  // null: cut from the training file by a fixed hash
  validationPath: z.string().min(1).nullable().default(null),
  testPath: z.string().min(1).nullable().default(null),
};
