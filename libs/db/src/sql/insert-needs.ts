import { command } from '../statement.js';

/** Experiment $1 needs trials: $2 is { trialId, position, ready, open }[]. */
export const insertNeeds = command(
  'insert-needs',
  `
insert into "ExperimentTrial" ("experimentId", "trialId", position, ready, open)
select $1, "trialId", position, ready, open
from json_to_recordset($2::json) n("trialId" uuid, position int, ready bool, open bool)`,
);
