import { command } from '../statement.js';

/** Experiment $1 needs trials: $2 is { trialId, position, ready, open, requires }[]. */
export const insertNeeds = command(
  'insert-needs',
  `
insert into "ExperimentTrial" ("experimentId", "trialId", position, ready, open, requires)
select $1, "trialId", position, ready, open, requires
from json_to_recordset($2::json) n("trialId" uuid, position int, ready bool, open bool, requires text)`,
);
