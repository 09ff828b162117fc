import { statement, WithId } from '../statement.js';

/** SQL: trials `t` of experiment $1 that no other experiment wants that is in one of these states. */
const onlyIts = (
  others: string,
): string => `t.id in (select "trialId" from "ExperimentTrial" where "experimentId" = $1 and open)
  and not exists (
    select from "ExperimentTrial" et join "Experiment" e on e.id = et."experimentId"
    where et."trialId" = t.id and e.id <> $1 and e.state in (${others}))`;

const wanting = `'active', 'paused'`;

/** Cancels the trials that only experiment $1 wants and that no worker has taken. */
export const cancelWaiting = statement(
  'cancel-waiting',
  WithId,
  `
update "Trial" t set state = 'cancelled', note = null, message = null, "finishedAt" = now()
where state in ('blocked', 'ready', 'dispatched') and ${onlyIts(wanting)} returning id`,
);

/** Asks for a stop of the running trials that only experiment $1 wants. */
export const stopRunning = statement(
  'stop-running',
  WithId,
  `update "Trial" t set "cancelRequested" = true where state = 'running' and ${onlyIts(wanting)} returning id`,
);

/** Takes the trials back that no worker has taken and that no active experiment but $1 wants. */
export const recall = statement(
  'recall',
  WithId,
  `update "Trial" t set state = 'ready' where state = 'dispatched' and ${onlyIts(`'active'`)} returning id`,
);
