import { z } from 'zod';
import { Restaurant8k } from './restaurant8k.js';
import { split } from './split.js';

/** The slots that the system had asked for as questions (Coope et al. 2020), in the files of restaurant8k. A
 *  slot without a value in the text is a question without an answer. */
export const Restaurant8kQuestions = z.strictObject({
  name: z.literal('restaurant8k-questions'),
  path: z.string().min(1),
  subset: Restaurant8k.shape.subset, // the training file; validation is always of the end of train_0
  ...split,
});
export type Restaurant8kQuestions = z.infer<typeof Restaurant8kQuestions>;
