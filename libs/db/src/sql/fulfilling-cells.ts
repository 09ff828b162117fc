import { statement, WithId } from '../statement.js';
import { fulfils } from './fulfils.js';

/** The cells of experiment $1 whose configs fulfil conditions $2. */
export const selectFulfilling = statement(
  'fulfilling-cells',
  WithId,
  `
select c.id from "Cell" c
where c."experimentId" = $1 and exists (select from "Trial" t where t.id = c."trialId" and ${fulfils(2)})`,
);
