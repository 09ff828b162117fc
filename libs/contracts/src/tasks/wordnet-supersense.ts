import { z } from 'zod';
import { split } from './split.js';

/** WordNet gloss -> one of 8 supersenses, split by synset. */
export const WordnetSupersense = z.strictObject({ name: z.literal('wordnet-supersense'), ...split });
export type WordnetSupersense = z.infer<typeof WordnetSupersense>;
