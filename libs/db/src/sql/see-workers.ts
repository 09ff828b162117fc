import { statement } from '../statement.js';
import { z } from 'zod';
import { unhurried } from './unhurried.js';

/** Workers $1 are alive, by the database's clock. Gives those that are registered, and whether the link that
 *  they joined by was revoked. */
export const seeWorkers = statement(
  'see-workers',
  z.object({ id: z.string(), revoked: z.boolean() }),
  `
${unhurried}
update "Worker" set "seenAt" = now() from unhurried where id = any($1::text[])
returning id, exists (select from "JoinLink" j where j.id = "joinId" and j."revokedAt" is not null) revoked`,
);
