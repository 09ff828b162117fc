import type { RemovalView } from '#contracts/removal.js';
import type { Database } from './database.js';
import { inParts } from './in-parts.js';
import {
  deleteExperiment,
  deleteExperimentEvents,
  deleteMetrics,
  deleteTrialEvents,
  deleteTrials,
  selectOwnTrials,
  selectRemovable,
  selectRemoval,
} from './sql/remove-experiment.js';
import type { Connection } from './statement.js';
import { transition } from './transition.js';

/** What would go with an experiment; null: there is none. */
export async function removalOf(db: Database, id: string): Promise<RemovalView | null> {
  const [removal] = await selectRemoval(db.pool, [id]);
  const [state] = await selectRemovable(db.pool, [id]);
  return removal && state ? { ...removal, ...state } : null;
}

/** Removes an experiment, with the trials that it alone has and all that these left in the database. Their
 *  files stay in the store until they are collected. Where it is not removable nothing is changed. */
export async function removeExperiment(db: Database, id: string): Promise<RemovalView | null> {
  const view = await removalOf(db, id); // before the turn: it looks at many files
  if (!view?.removable) return view;
  const trials = await transition(db, async (tx) => {
    const [state] = await selectRemovable(tx, [id]);
    return state?.removable ? removeRows(tx, id) : null;
  });
  if (trials === null) return removalOf(db, id);
  // Nobody can reach these any more: they go without holding up who waits for a turn.
  await inParts(trials, async (some) => {
    await deleteMetrics(db.pool, [some]);
    await deleteTrialEvents(db.pool, [some]);
  });
  await deleteExperimentEvents(db.pool, [id]);
  return view;
}

async function removeRows(on: Connection, id: string): Promise<string[]> {
  const trials = (await selectOwnTrials(on, [id])).map((row) => row.id);
  await deleteExperiment(on, [id]);
  for (const remove of deleteTrials) await inParts(trials, async (some) => void (await remove(on, [some])));
  return trials;
}
