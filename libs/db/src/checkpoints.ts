import type { CheckpointView } from '#contracts/experiment.js';
import type { Database } from './database.js';

/** Hashes of all files that some checkpoint or some trial's input names: the artifact store may forget the others. */
export async function referencedHashes(db: Database): Promise<Set<string>> {
  const { rows } = await db.pool.query<{ hash: string }>(
    `select file ->> 'hash' hash from "Checkpoint", jsonb_array_elements(files) file
     union select file ->> 'hash' from "Trial", jsonb_array_elements(inputs) input, jsonb_array_elements(input -> 'files') file`,
  );
  return new Set(rows.map((row) => row.hash));
}

/** What a finished trial left for others in the artifact store. */
export interface Result {
  trialId: string;
  checkpointId: string;
  files: CheckpointView['files'];
}

/** Adapters, backbones and predictions that succeeded trials ended with: of an experiment's trials, or of a trial and of all that it starts from. */
export async function resultsOf(db: Database, of: { experimentId: string } | { trialId: string }): Promise<Result[]> {
  const experiment = 'experimentId' in of;
  const { rows } = await db.pool.query<Result>(
    `with recursive wanted(id) as (
       ${experiment ? 'select "trialId" from "ExperimentTrial" where "experimentId" = $1' : 'select $1::uuid'}
       union select d."dependsOnId" from wanted w join "Dependency" d on d."trialId" = w.id)
     select c."trialId", c.id "checkpointId", c.files from wanted w join "Trial" t on t.id = w.id
     join "Checkpoint" c on c."trialId" = t.id where t.state = 'succeeded' and c.kind in ('adapter', 'backbone', 'predictions')`,
    [experiment ? of.experimentId : of.trialId],
  );
  return rows;
}
