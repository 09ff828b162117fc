import { z } from 'zod';
import type { Kind } from '../kind.js';
import { FileClass } from './file.js';
import { Glue, glueKinds } from './glue.js';
import { Restaurant8k } from './restaurant8k.js';
import { split } from './split.js';
import { SuperGlue, superGlueKinds } from './superglue.js';
import { Tagging } from './tagging.js';
import { WordnetSupersense } from './wordnet-supersense.js';

const ofMixture = { maxLength: true, sentinel: true, answer: true } as const; // the whole's

/** Tasks that may be mixed: their labels are one set. */
const MixedTask = z.discriminatedUnion('name', [
  WordnetSupersense.omit(ofMixture),
  FileClass.omit(ofMixture),
  SuperGlue.omit(ofMixture),
  Glue.omit(ofMixture),
  Tagging.omit(ofMixture),
  Restaurant8k.omit(ofMixture),
]);
export type MixedTask = z.infer<typeof MixedTask>;

const mixedKinds = {
  'wordnet-supersense': 'class',
  file: 'class',
  tagging: 'tags',
  restaurant8k: 'tags',
} as const satisfies Record<Exclude<MixedTask['name'], 'superglue' | 'glue'>, Kind>;

/** The kind of a mixed task's answers. */
export function mixedKindOf(task: MixedTask): Kind {
  if (task.name === 'superglue') return superGlueKinds[task.dataset];
  return task.name === 'glue' ? glueKinds[task.dataset] : mixedKinds[task.name];
}

const mixable: readonly Kind[] = ['class', 'tags'];

/** Several tasks trained at once with shared parameters (multi-task learning, Raffel et al. 2020 §3.5.2; with
 *  P-tuning v2, Liu et al. 2022 §3.3). A batch has examples of all of them. Each is answered among its own
 *  task's labels, and by a head of its own where there are heads. */
export const Mixture = z
  .strictObject({
    name: z.literal('mixture'),
    tasks: z.record(
      z.string().regex(/^[a-z0-9][a-z0-9_-]{0,39}$/i, 'expected a name of letters, digits, "_" or "-"'),
      MixedTask,
    ),
    /** How often a task's examples come: in proportion to how many it has, or all tasks equally. */
    mixing: z.enum(['proportional', 'equal']).default('proportional'),
    // proportional: a task counts as this many examples at most
    limit: z.int().min(1).nullable().default(null),
    // proportional: shares to the power of its inverse, and so nearer to equal
    temperature: z.number().min(1).max(100).default(1),
    maxLength: split.maxLength,
    sentinel: split.sentinel,
    answer: split.answer,
  })
  .refine(({ tasks }) => Object.keys(tasks).length > 1, {
    path: ['tasks'],
    message: 'expected two tasks or more',
  })
  .refine(({ tasks }) => Object.values(tasks).every((task) => mixable.includes(mixedKindOf(task))), {
    path: ['tasks'],
    message: 'only labels and tags can be mixed; COPA, ReCoRD, WSC and STS-B have other answers',
  })
  .refine(({ tasks }) => new Set(Object.values(tasks).map(mixedKindOf)).size < 2, {
    path: ['tasks'],
    message: 'some tag words and some label texts; expected one kind',
  })
  .refine(
    ({ mixing, limit, temperature }) => mixing === 'proportional' || (limit === null && temperature === 1),
    {
      path: ['mixing'],
      message: 'equal shares have neither limit nor temperature',
    },
  );
export type Mixture = z.infer<typeof Mixture>;
