import { z } from 'zod';

/** A linear classifier on the pooled final states; the backbone is frozen. */
export const HeadOnly = z.strictObject({ name: z.literal('head') });
export type HeadOnly = z.infer<typeof HeadOnly>;
