import { z } from 'zod';

/** A process that owns a device and runs attempts on it. */
export const WorkerView = z.object({
  id: z.string(),
  slots: z.int(), // gangs it runs at once
  device: z.string(),
  seenAt: z.iso.datetime(), // by the database's clock
  alive: z.boolean(), // seen a short while ago
  running: z.int(), // attempts
  fault: z.string().nullable(), // of its machine, for which it takes no work; null: none
});
export type WorkerView = z.infer<typeof WorkerView>;
