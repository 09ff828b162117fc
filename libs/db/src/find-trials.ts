import type { FoundTrial } from '#contracts/found-trial.js';
import type { Database } from './database.js';
import { findTrials } from './sql/find-trials.js';

const most = 50;

/** Cells that are called so (the beginning of an id, or GRID/INDEX), or else cells of the trial that is, in
 *  the newest experiment that has one; or else the trial that no cell shows. Several where the text is not
 *  enough to tell them apart. */
export async function trialsCalled(db: Database, text: string): Promise<FoundTrial[]> {
  const { from, to } = idsFrom(text.toLowerCase()) ?? { from: null, to: null };
  const [, grid = null, index = null] = /^(.+)\/(\d{1,9})$/.exec(text) ?? [];
  const place = index === null ? null : Number(index);
  const rows = await findTrials(db.pool, [from, to, grid, place, most]);
  const [first] = rows;
  return rows
    .filter(({ experimentId, rank }) => experimentId === first!.experimentId && rank === first!.rank)
    .map(({ trialId, experimentId, name, id, grid, index, point }) => ({
      trialId,
      experiment: { id: experimentId, name },
      cell: id === null ? null : { id, grid: grid!, index: index!, point: point! },
    }));
}

/** The first and the last id that begin like this; null where none does. */
function idsFrom(start: string): { from: string; to: string } | null {
  const form = '00000000-0000-0000-0000-000000000000';
  if (start.length > form.length || start.length === 0) return null;
  const fits = [...start].every((char, i) => (form[i] === '-' ? char === '-' : /[0-9a-f]/.test(char)));
  const rest = form.slice(start.length);
  return fits ? { from: start + rest, to: start + rest.replaceAll('0', 'f') } : null;
}
