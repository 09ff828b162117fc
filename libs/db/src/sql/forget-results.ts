import { statement, WithId } from '../statement.js';

/** Forgets checkpoints $1, and blocks the succeeded trials that had ended with them. */
export const forgetResults = statement(
  'forget-results',
  WithId,
  `
with gone as (delete from "Checkpoint" where id = any($1::uuid[]) returning "trialId")
update "Trial" set state = 'blocked', cause = null, message = 'trained again: what it ended with was lost', note = null,
  summary = null, step = 0, crashes = 0, losses = 0, "cancelRequested" = false, "finishedAt" = null
where id in (select "trialId" from gone) and state = 'succeeded' returning id`,
);
