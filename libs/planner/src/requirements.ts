import type { Plan } from './planned.js';

/** The labels that a worker must have to be given a trial, by the trial's key: those of every grid with a
 *  cell that needs it, be it as what the cell's trial starts from. Trials that any worker may have are left
 *  out. */
export function requirements({
  cells,
  grids,
  trials,
}: Pick<Plan, 'cells' | 'grids' | 'trials'>): Map<string, Set<string>> {
  const ofGrid = new Map(grids.map(({ name, requires }) => [name, requires]));
  const found = new Map<string, Set<string>>();
  const add = (key: string, labels: Iterable<string>): void => {
    const known = found.get(key) ?? new Set();
    for (const label of labels) known.add(label);
    if (known.size) found.set(key, known);
  };
  for (const { grid, trialKey } of cells) add(trialKey, ofGrid.get(grid) ?? []);
  // what others wait for stands before them
  for (const { key, waitsFor } of trials.toReversed())
    for (const awaited of waitsFor) add(awaited.key, found.get(key) ?? []);
  return found;
}
