import type { Database } from './database.js';

const worthIt = 1_000; // rows: fewer do not change a plan much, and Postgres comes round by itself

/** Tells Postgres's planner of the rows that a submission has added, which it would count a minute later by
 *  itself. Until then it would read tables whole that it believes small. Its failure is nobody's: plans are
 *  slower for a minute. */
export async function freshenStatistics(db: Database, rows: number): Promise<void> {
  if (rows < worthIt) return;
  await db.pool.query(analyze).catch(() => {}); // Postgres makes them by itself later; the submission stands
}

/** Of the columns that statements ask for; a config is long, and none asks for a part of it. */
const analyze = `analyze
  "Trial" (id, key, state, stage, task, method, backbone, "backboneKey", "gangKey", "stepMs"),
  "ExperimentTrial", "Dependency", "Cell" (id, "experimentId", grid, index, position, reused, baseline, "trialId")`;
