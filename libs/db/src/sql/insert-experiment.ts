import { z } from 'zod';
import { statement, Uuid, WithId } from '../statement.js';

/** An experiment: name, owner, priority, idempotency key, hash of the request, and
 *  which sets of labels its trials require. No row where the owner's
 *  key is taken; a submission under way with the same key is waited for. */
export const insertExperiment = statement(
  'insert-experiment',
  WithId,
  `
insert into "Experiment" (id, name, owner, priority, "idempotencyKey", "requestHash", requirements)
values (gen_random_uuid(), $1, $2, $3, $4, $5, $6) on conflict (owner, "idempotencyKey") do nothing returning id`,
);

export const selectExperimentOfKey = statement(
  'experiment-of-key',
  z.object({ id: Uuid, requestHash: z.string().nullable() }),
  `select id, "requestHash" from "Experiment" where owner = $1 and "idempotencyKey" = $2`,
);
