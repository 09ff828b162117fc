import { z } from 'zod';
import { statement } from '../statement.js';

/** Workers by the queue that they hear, those with the fewest labels first: slots of those that were seen
 *  within $1 seconds, are sound and take work; jobs that are under way on such; and those of them that nobody
 *  has claimed yet. */
export const selectSlots = statement(
  'open-slots',
  z.object({
    queue: z.string(),
    labels: z.array(z.string()),
    slots: z.int(),
    jobs: z.int(),
    waiting: z.int(),
  }),
  `
with drained as materialized (select id from "Worker" where draining),
open as materialized (
  select queue, worker, "jobId", state from "Attempt" where state in ('dispatched', 'running')),
jobs as materialized (
  select queue, count(distinct "jobId")::int jobs, count(distinct "jobId") filter (where state = 'dispatched')::int waiting
  from open where worker is null or worker not in (select id from drained)
  group by queue)
select w.queue, w.labels, sum(w.slots)::int slots, coalesce(max(jobs.jobs), 0)::int jobs,
  coalesce(max(jobs.waiting), 0)::int waiting
from "Worker" w left join jobs on jobs.queue = w.queue
where w.fault is null and not w.draining and w."seenAt" > now() - $1::float8 * interval '1 second'
group by w.queue, w.labels order by cardinality(w.labels), w.queue`,
);
