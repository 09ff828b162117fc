import { z } from 'zod';

/** How a model answers: by a head on its states, by how likely it finds the words of each answer, or by what
 *  it writes. */
export const AnswerBy = z.enum(['head', 'label-words', 'decoding']);
export type AnswerBy = z.infer<typeof AnswerBy>;

/** How a task is answered. All but `by` says how a text is written (libs/models/src/generate/options.ts). */
export const Answer = z.strictObject({
  // null: by the method's own head where it has one, else as the kind is answered
  by: AnswerBy.nullable().default(null),
  // the end among them; null: longest label word and 4, else 64
  maxTokens: z.int().min(1).max(4096).nullable().default(null),
  minTokens: z.int().min(0).max(4096).default(0), // before the end may come
  beams: z.int().min(1).max(64).default(1), // 1: the likeliest token each time
  lengthPenalty: z.number().min(-10).max(10).default(1), // a beam scores sum(log p) / length^lengthPenalty
  // tokens of a sequence that may not come twice; 0: no rule
  noRepeatNgram: z.int().min(0).max(64).default(0),
  // draws from the fewest tokens that hold so much probability; null: no draws
  topP: z.number().gt(0).max(1).nullable().default(null),
  temperature: z.number().gt(0).max(100).default(1), // of the draws
  seed: z.int().min(0).max(2 ** 31 - 1).default(1), // of the draws
}); // prettier-ignore
export type Answer = z.infer<typeof Answer>;
