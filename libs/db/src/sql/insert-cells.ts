import { command } from '../statement.js';

/** Cells of experiment $1: $2 is { grid, index, position, point, baseline, reused, trialId }[]. */
export const insertCells = command(
  'insert-cells',
  `
insert into "Cell" (id, "experimentId", grid, index, position, point, baseline, reused, "trialId")
select gen_random_uuid(), $1, grid, index, position, point, baseline, reused, "trialId"
from json_to_recordset($2::json) c(
  grid text, index int, position int, point jsonb, baseline bool, reused bool, "trialId" uuid)`,
);
