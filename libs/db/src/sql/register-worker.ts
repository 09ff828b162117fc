import { command } from '../statement.js';

/** Worker $1 with $2 slots on device $3 is there, by the database's clock. */
export const upsertWorker = command(
  'register-worker',
  `
insert into "Worker" (id, slots, device, "seenAt") values ($1, $2, $3, now())
on conflict (id) do update set slots = excluded.slots, device = excluded.device, "seenAt" = now()`,
);
