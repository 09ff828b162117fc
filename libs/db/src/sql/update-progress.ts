import { z } from 'zod';
import { statement, Uuid } from '../statement.js';
import { held } from './held.js';

/** Trials of attempts are at these steps: $1 is Progress[]. */
export const updateProgress = statement(
  'update-progress',
  z.object({ attemptId: Uuid, trialId: Uuid }),
  `
update "Trial" t set step = p.step, note = nullif(p.note, ''), "stepMs" = coalesce(p."stepMs", t."stepMs")
from json_to_recordset($1::json) p("attemptId" uuid, step int, note text, "stepMs" float8), "Attempt" a
where a.id = p."attemptId" and ${held} returning a.id "attemptId", t.id "trialId"`,
);
