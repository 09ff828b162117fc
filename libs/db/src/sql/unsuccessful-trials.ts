import { statement, WithId } from '../statement.js';

/** Trials of experiment $1's cells that failed or were cancelled. */
export const unsuccessfulTrials = statement(
  'unsuccessful-trials',
  WithId,
  `
select distinct t.id from "Cell" c join "Trial" t on t.id = c."trialId"
where c."experimentId" = $1 and t.state in ('failed', 'cancelled')`,
);
