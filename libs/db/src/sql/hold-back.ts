import { statement, WithId } from '../statement.js';
import { met } from './met.js';

/** Blocks those of trials $1, and of those that wait for them, that no worker has taken and that lack a
 *  checkpoint. */
export const holdBack = statement(
  'hold-back',
  WithId,
  `
update "Trial" t set state = 'blocked', note = null where state in ('ready', 'dispatched')
and id in (select unnest($1::uuid[]) union select "trialId" from "Dependency" where "dependsOnId" = any($1::uuid[]))
and exists (select from "Dependency" d where d."trialId" = t.id and not ${met}) returning id`,
);
