import { z } from 'zod';
import { CheckpointView } from '#contracts/experiment.js';
import { statement, Uuid } from '../statement.js';

/** What a finished trial left for others in the artifact store. */
const Result = z.object({ trialId: Uuid, checkpointId: Uuid, files: CheckpointView.shape.files });
export type Result = z.infer<typeof Result>;

/** Adapters, backbones, predictions and neighbours that succeeded trials ended with: those of experiment
 *  $1, or trial $2, and of all that they start from. The other parameter is null. */
export const selectResults = statement(
  'results-of',
  Result,
  `
with recursive wanted(id) as (
  select "trialId" from "ExperimentTrial" where "experimentId" = $1::uuid
  union select $2::uuid where $2::uuid is not null
  union select d."dependsOnId" from wanted w join "Dependency" d on d."trialId" = w.id)
select c."trialId", c.id "checkpointId", c.files from wanted w join "Trial" t on t.id = w.id
join "Checkpoint" c on c."trialId" = t.id where t.state = 'succeeded' and c.kind in ('adapter', 'backbone', 'predictions', 'neighbours')`,
);
