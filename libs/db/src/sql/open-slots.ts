import { z } from 'zod';
import { statement } from '../statement.js';

/** Workers by the queue that they hear, those with the fewest labels first: slots of those that were seen
 *  within $1 seconds, are sound and take work, and jobs that are under way on such. */
export const selectSlots = statement(
  'open-slots',
  z.object({ queue: z.string(), labels: z.array(z.string()), slots: z.int(), jobs: z.int() }),
  `
with drained as materialized (select id from "Worker" where draining),
open as materialized (
  select queue, worker, "jobId" from "Attempt" where state in ('dispatched', 'running')),
jobs as materialized (
  select queue, count(distinct "jobId")::int jobs from open where worker is null or worker not in (select id from drained)
  group by queue)
select w.queue, w.labels, sum(w.slots)::int slots, coalesce(max(jobs.jobs), 0)::int jobs
from "Worker" w left join jobs on jobs.queue = w.queue
where w.fault is null and not w.draining and w."seenAt" > now() - $1::float8 * interval '1 second'
group by w.queue, w.labels order by cardinality(w.labels), w.queue`,
);
