import { statement, WithId } from '../statement.js';

/** All that trials $1 wait for, however many edges away, without these themselves. */
export const awaitedByAny = statement(
  'awaited-by-any',
  WithId,
  `
with recursive reached(id) as (
  select unnest($1::uuid[]) union select d."dependsOnId" from reached r join "Dependency" d on d."trialId" = r.id)
select id from reached where id <> all($1::uuid[])`,
);

/** All that failed because of trials $1, however many edges away, without these themselves, and without what
 *  only cancelled experiments had asked for. */
export const failedForWantOf = statement(
  'failed-for-want-of',
  WithId,
  `
with recursive reached(id) as (
  select unnest($1::uuid[]) union
  select t.id from reached r join "Dependency" d on d."dependsOnId" = r.id join "Trial" t on t.id = d."trialId"
  where t.cause = 'dependency')
select id from reached where id <> all($1::uuid[]) and exists (
  select from "ExperimentTrial" et join "Experiment" e on e.id = et."experimentId"
  where et."trialId" = reached.id and e.state <> 'cancelled')`,
);
