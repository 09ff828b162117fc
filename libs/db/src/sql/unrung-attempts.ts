import { z } from 'zod';
import { statement, Uuid } from '../statement.js';

const Unrung = z.object({ id: Uuid, jobId: Uuid, fence: z.int(), queue: z.string() });

/** Attempts that nobody has claimed, never rung or rung more than $1 seconds ago, job by job. */
export const unrungAttempts = statement(
  'unrung-attempts',
  Unrung,
  `
select id, "jobId", fence, queue from "Attempt"
where state = 'dispatched' and ("rungAt" is null or "rungAt" < now() - $1::float8 * interval '1 second')
order by "createdAt", "jobId", fence, id`,
);
