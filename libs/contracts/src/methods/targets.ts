import { z } from 'zod';

/** Ends of linear maps' names, as in Hugging Face peft's target_modules; null: the method's own choice. */
export const targets = z.array(z.string().min(1)).min(1).nullable().default(null);
