import { command } from '../statement.js';

/** What experiment $1 has noted of trial $2: ready $3, open $4. */
export const correctNeed = command(
  'correct-need',
  `update "ExperimentTrial" set ready = $3, open = $4 where "experimentId" = $1 and "trialId" = $2`,
);

/** Whether experiment $1's cells of trial $2 are reused: $3. */
export const correctCells = command(
  'correct-cells',
  `update "Cell" set reused = $3 where "experimentId" = $1 and "trialId" = $2`,
);
