import { z } from 'zod';
import { statement, Uuid } from '../statement.js';
import { held } from './held.js';
import { unhurried } from './unhurried.js';

const Renewed = z.object({ id: Uuid, cancelRequested: z.boolean() });

/** Prolongs the leases of attempts $1 by as many seconds as stand at the same place of $2. Those that are no
 *  longer held are left out. */
export const renewLeases = statement(
  'renew-leases',
  Renewed,
  `
${unhurried}
update "Attempt" a set "leaseUntil" = now() + j.seconds * interval '1 second'
from unhurried, unnest($1::uuid[], $2::float8[]) j(id, seconds), "Trial" t where a.id = j.id and ${held}
returning a.id, t."cancelRequested"`,
);
