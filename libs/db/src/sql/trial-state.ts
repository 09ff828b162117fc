import { z } from 'zod';
import { TrialState } from '#contracts/trial.js';
import { statement } from '../statement.js';

export const selectTrialState = statement(
  'trial-state',
  z.object({ state: TrialState }),
  `select state from "Trial" where id = $1`,
);
