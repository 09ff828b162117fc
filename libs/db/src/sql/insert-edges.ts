import { command } from '../statement.js';

/** What trials wait for: $1 is { trialId, dependsOnId, kind, step }[]. */
export const insertEdges = command(
  'insert-edges',
  `
insert into "Dependency" ("trialId", "dependsOnId", kind, step)
select * from json_to_recordset($1::json) e("trialId" uuid, "dependsOnId" uuid, kind text, step int)`,
);
