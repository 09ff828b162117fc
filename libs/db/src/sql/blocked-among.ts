import { statement, WithId } from '../statement.js';

/** The blocked ones of trials $1 and of those that wait for them. */
export const blockedAmong = statement(
  'blocked-among',
  WithId,
  `
select id from "Trial" where state = 'blocked' and id = any($1::uuid[])
union select t.id from "Dependency" d join "Trial" t on t.id = d."trialId"
where d."dependsOnId" = any($1::uuid[]) and t.state = 'blocked'`,
);
