import { command } from '../statement.js';

/** Worker $1 with $2 slots on device $3 is there, by the database's clock: on host $4, with labels $5, of
 *  version $6, showing a token of digest $7, joined by link $8. It hears queue $9. */
export const upsertWorker = command(
  'register-worker',
  `
insert into "Worker" (id, slots, device, "seenAt", host, labels, version, "tokenDigest", "joinId", queue)
values ($1, $2, $3, now(), $4, $5, $6, $7, $8, $9)
on conflict (id) do update set slots = excluded.slots, device = excluded.device, "seenAt" = now()`,
);
