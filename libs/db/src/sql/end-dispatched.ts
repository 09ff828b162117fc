import { command } from '../statement.js';

/** Ends the attempts of trials $1 that no worker has taken, with message $2: a job that names them claims
 *  nothing. */
export const endDispatched = command(
  'end-dispatched',
  `
update "Attempt" set state = 'cancelled', "endedAt" = now(), message = $2
where "trialId" = any($1::uuid[]) and state = 'dispatched'`,
);
