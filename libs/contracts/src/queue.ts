import { z } from 'zod';

/** A doorbell: the address of a gang's attempts. Config lives in Postgres only. */
export const TrialJob = z.strictObject({
  attempts: z.array(z.strictObject({ id: z.uuid(), fence: z.int().min(1) })).min(1),
});
export type TrialJob = z.infer<typeof TrialJob>;
