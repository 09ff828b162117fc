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

/** The cells with the newest that is known of each trial. Cells that nothing happened to stay the same objects. */
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

/** A fresh reading, in which cells that read as before stay the same objects. */
export function keepEqual(before: readonly CellView[], now: readonly CellView[]): readonly CellView[] {
  const known = new Map(before.map((cell) => [cell.id, cell]));
  return now.map((cell) => {
    const old = known.get(cell.id);
    return old && JSON.stringify(old) === JSON.stringify(cell) ? old : cell;
  });
}
