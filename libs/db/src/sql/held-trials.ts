import { z } from 'zod';
import { statement, Uuid } from '../statement.js';
import { held } from './held.js';

/** Those of attempts $1 that may write, and their trials. */
export const heldTrials = statement(
  'held-trials',
  z.object({ attemptId: Uuid, trialId: Uuid }),
  `select a.id "attemptId", t.id "trialId" from "Attempt" a, "Trial" t where a.id = any($1::uuid[]) and ${held}`,
);
