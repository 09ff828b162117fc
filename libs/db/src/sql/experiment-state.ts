import { z } from 'zod';
import { ExperimentView } from '#contracts/experiment.js';
import { command, statement } from '../statement.js';

const state = ExperimentView.shape.state;

/** Experiment $1, where it is in one of states $2, is in state $3 from now on. */
export const changeExperiment = command(
  'change-experiment',
  `
update "Experiment" set state = $3, "finishedAt" = case when $3 = 'cancelled' then now() end
where id = $1 and state = any($2::text[])`,
);

export const selectExperimentState = statement(
  'experiment-state',
  z.object({ state }),
  `select state from "Experiment" where id = $1`,
);
