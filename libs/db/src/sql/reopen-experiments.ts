import { statement, WithId } from '../statement.js';

/** Makes the finished experiments of trials $1 active. */
export const reopenFinished = statement(
  'reopen-finished',
  WithId,
  `
update "Experiment" set state = 'active', "finishedAt" = null
where state = 'finished' and id in (select "experimentId" from "ExperimentTrial" where "trialId" = any($1::uuid[])) returning id`,
);

/** Makes the cancelled experiments of those of trials $1 active that no other experiment wants. */
export const reopenCancelled = statement(
  'reopen-cancelled',
  WithId,
  `
update "Experiment" e set state = 'active', "finishedAt" = null
where state = 'cancelled' and id in (
  select et."experimentId" from "ExperimentTrial" et where et."trialId" = any($1::uuid[]) and not exists (
    select from "ExperimentTrial" o join "Experiment" x on x.id = o."experimentId"
    where o."trialId" = et."trialId" and x.state <> 'cancelled')) returning id`,
);
