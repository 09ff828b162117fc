import { statement, WithId } from '../statement.js';

/** Finishes the experiments of trials $1 of which nothing can run any more. */
export const finishExperiments = statement(
  'finish-experiments',
  WithId,
  `
update "Experiment" e set state = 'finished', "finishedAt" = now()
where state in ('active', 'paused')
and id in (select "experimentId" from "ExperimentTrial" where "trialId" = any($1::uuid[]))
and not exists (select from "ExperimentTrial" et where et."experimentId" = e.id and et.open) returning id`,
);
