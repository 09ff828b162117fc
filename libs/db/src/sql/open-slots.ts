import { z } from 'zod';
import { statement } from '../statement.js';

/** Slots of workers that were seen within $1 seconds, are sound and take work, and jobs that are under way on
 *  such. */
export const selectSlots = statement(
  'open-slots',
  z.object({ slots: z.int(), jobs: z.int() }),
  `
select (
  select coalesce(sum(slots), 0)::int from "Worker" where fault is null and not draining
    and "seenAt" > now() - $1::float8 * interval '1 second') slots,
  (select count(distinct "jobId")::int from "Attempt" where state in ('dispatched', 'running')
    and (worker is null or worker not in (select id from "Worker" where draining))) jobs`,
);
