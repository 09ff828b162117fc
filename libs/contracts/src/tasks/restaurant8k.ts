import { z } from 'zod';
import { split } from './split.js';

/** Slots in restaurant bookings, Coope et al. 2020: a folder with train_0.json and test.json. */
export const Restaurant8k = z.strictObject({
  name: z.literal('restaurant8k'),
  path: z.string().min(1),
  // the training file; validation is always the end of train_0
  subset: z.enum(['train_0', 'train_3', 'train_5']).default('train_0'),
  requestedSlots: z.boolean().default(true), // what the system had asked for stands in front of the text
  ...split,
});
export type Restaurant8k = z.infer<typeof Restaurant8k>;
