import { z } from 'zod';
import { statement, Uuid } from '../statement.js';
import { openStates } from './open-states.js';

const Standing = z.object({
  id: Uuid,
  // it is finished or under way; one that only waits is shared too, but saves nothing yet
  useful: z.boolean(),
  ready: z.boolean(),
  open: z.boolean(), // something may still happen to it
});
export type Standing = z.infer<typeof Standing>;

/** How trials $1 are now. */
export const standingOfTrials = statement(
  'standing-of-trials',
  Standing,
  `
select id, state = 'ready' ready, state in ${openStates} open,
  state in ('blocked', 'ready', 'dispatched', 'running', 'succeeded', 'pruned')
    or coalesce(cause in ('diverged', 'invalid'), false) useful
from "Trial" where id = any($1::uuid[])`,
);
