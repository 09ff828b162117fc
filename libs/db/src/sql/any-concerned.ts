import { z } from 'zod';
import { statement } from '../statement.js';

/** Whether trials $1, or those that wait for them, may have to change their state because these have changed.
 */
export const anyConcerned = statement(
  'any-concerned',
  z.object({ any: z.boolean() }),
  `
select exists (
  select from "Trial" t where t.id = any($1::uuid[]) and (t.state = 'blocked' or t.state in ('ready', 'dispatched')
    and exists (select from "Dependency" d where d."trialId" = t.id)))
or exists (
  select from "Dependency" d join "Trial" t on t.id = d."trialId"
  where d."dependsOnId" = any($1::uuid[]) and t.state in ('blocked', 'ready', 'dispatched')) "any"`,
);
