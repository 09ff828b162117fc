import { command } from '../statement.js';

/** Trials of { key, config, inputs }[] $1 that are still to run read their inputs where this submission says.
 */
export const refreshInputs = command(
  'refresh-inputs',
  `
update "Trial" t set config = u.config, inputs = u.inputs
from json_to_recordset($1::json) u(key text, config jsonb, inputs jsonb)
where t.key = u.key and t.state in ('blocked', 'ready', 'dispatched', 'failed', 'cancelled') and t.inputs is distinct from u.inputs`,
);
