import { statement, WithId } from '../statement.js';
import { met } from './met.js';

/** Makes those of the blocked trials $1 ready that wait for nothing more. */
export const release = statement(
  'release',
  WithId,
  `
update "Trial" t set state = 'ready' where id = any($1::uuid[]) and state = 'blocked'
and not exists (select from "Dependency" d where d."trialId" = t.id and not ${met}) returning id`,
);
