import { command } from '../statement.js';
import { unhurried } from './unhurried.js';

/** Attempts $1 have been put into the queue. */
export const markAttemptsRung = command(
  'mark-rung',
  `
${unhurried}
update "Attempt" set "rungAt" = now() from unhurried where id = any($1::uuid[]) and state = 'dispatched'`,
);
