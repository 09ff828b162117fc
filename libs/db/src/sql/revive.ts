import { command, statement, WithId } from '../statement.js';

/** Takes back the stops that were asked for of running trials $1. */
export const takeBackStops = command(
  'take-back-stops',
  `update "Trial" set "cancelRequested" = false where id = any($1::uuid[]) and "cancelRequested" and state = 'running'`,
);

/** Blocks those of trials $1 that have no result: all of them ($2), or the cancelled and those that failed
 *  for a reason that may not come again. */
export const revive = statement(
  'revive',
  WithId,
  `
update "Trial" set state = 'blocked', cause = null, message = null, note = null, crashes = 0, losses = 0,
  "cancelRequested" = false, "finishedAt" = null
where id = any($1::uuid[]) and state in ('failed', 'cancelled')
and ($2::bool or state = 'cancelled' or cause not in ('diverged', 'invalid')) returning id`,
);
