import { z } from 'zod';
import { WorkerView } from '#contracts/worker.js';
import { statement } from '../statement.js';

/** Every worker; one is alive that was seen within $1 seconds. */
export const selectWorkers = statement(
  'select-workers',
  WorkerView.omit({ state: true }).extend({ seenAt: z.date(), startedAt: z.date(), draining: z.boolean() }),
  `
select w.id, w.host, w.labels, w.version, w.slots, w.device, w.fault, w.draining, w."startedAt", w."seenAt",
   w."seenAt" > now() - $1::float8 * interval '1 second' alive,
  (select count(*)::int from "Attempt" a where a.worker = w.id and a.state = 'running') running
from "Worker" w order by w.host, w.id`,
);
