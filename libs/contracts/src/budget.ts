import { z } from 'zod';

/** A share of the backbone's parameters that a method may train; its size follows from it. */
export const Budget = z.number().gt(0).lt(1);

/** A method's size as a budget decided it. */
export const SolvedSize = z.object({
  budget: Budget,
  backbone: z.string(),
  method: z.string(),
  knob: z.string(), // "method.rank"
  size: z.int(),
  parameters: z.int(), // that the method trains, a head's left out
  share: z.number(), // of the backbone's
});
export type SolvedSize = z.infer<typeof SolvedSize>;
