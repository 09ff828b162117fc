import type { CellView, ExperimentEvent } from '#contracts/experiment.js';

export type TrialNews = Extract<ExperimentEvent, { type: 'trial' }>;

/** Places of each trial's cells. */
export function placesOf(cells: readonly CellView[]): Map<string, number[]> {
  const places = new Map<string, number[]>();
  cells.forEach(({ trialId }, i) => {
    const known = places.get(trialId);
    if (known) known.push(i);
    else places.set(trialId, [i]);
  });
  return places;
}

/** The cells with the newest that is known of each trial. Cells that nothing happened to stay the same
 *  objects. */
export function applyNews(
  cells: readonly CellView[],
  places: ReadonlyMap<string, number[]>,
  news: Iterable<TrialNews>,
): readonly CellView[] {
  let changed: CellView[] | null = null;
  for (const { trialId, state, step, why } of news) {
    for (const place of places.get(trialId) ?? []) {
      changed ??= [...cells];
      changed[place] = { ...changed[place]!, state, step, why };
    }
  }
  return changed ?? cells;
}

/** The cells with those of them that were read again. What reads as before stays the same object, and so do
 *  the cells where nothing differs. */
export function merged(before: readonly CellView[], read: readonly CellView[]): readonly CellView[] {
  if (read.length === 0) return before;
  const fresh = new Map(read.map((cell) => [cell.id, cell]));
  let changed = false;
  const cells = before.map((old) => {
    const now = fresh.get(old.id);
    if (!now || JSON.stringify(old) === JSON.stringify(now)) return old;
    changed = true;
    return now;
  });
  return changed ? cells : before;
}
