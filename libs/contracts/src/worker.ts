import { z } from 'zod';

/** A process that owns a device and runs attempts on it. */
export const WorkerView = z.object({
  id: z.string(),
  slots: z.int(), // gangs it runs at once
  device: z.string(),
  seenAt: z.iso.datetime(), // by the database's clock
});
export type WorkerView = z.infer<typeof WorkerView>;
