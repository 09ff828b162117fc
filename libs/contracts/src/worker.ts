import { z } from 'zod';

/** `gone`: not seen for a while. `fault`: its machine has one, and it takes no work. `draining`: it takes no
 *  more work, and ends when what runs has. */
export const WorkerState = z.enum(['idle', 'training', 'draining', 'fault', 'gone']);
export type WorkerState = z.infer<typeof WorkerState>;

/** A process that owns a device and runs attempts on it. */
export const WorkerView = z.object({
  id: z.string(),
  host: z.string().nullable(), // null: of an older version
  labels: z.array(z.string()),
  version: z.string().nullable(),
  slots: z.int(), // gangs it runs at once
  device: z.string(),
  state: WorkerState,
  startedAt: z.iso.datetime(),
  seenAt: z.iso.datetime(), // by the database's clock
  alive: z.boolean(), // seen a short while ago
  running: z.int(), // attempts
  fault: z.string().nullable(), // of its machine, for which it takes no work; null: none
});
export type WorkerView = z.infer<typeof WorkerView>;
