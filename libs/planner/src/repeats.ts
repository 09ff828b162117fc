import type { GridIssue } from './grid-error.js';
import { shown } from './knobs.js';
import type { PlannedCell } from './planned.js';

/** Says of each grid how many of its cells need a trial that an earlier cell of it needs: an axis or a
 *  baseline does not reach them. */
export function repeats(cells: readonly PlannedCell[], grids: readonly { name: string }[]): GridIssue[] {
  const first = new Map<string, PlannedCell>();
  const found = new Map<string, { count: number; again: PlannedCell; as: PlannedCell }>();
  for (const cell of cells) {
    const key = `${cell.grid} ${cell.trialKey}`;
    const as = first.get(key);
    if (!as) {
      first.set(key, cell);
      continue;
    }
    const known = found.get(cell.grid) ?? { count: 0, again: cell, as };
    known.count++;
    found.set(cell.grid, known);
  }
  return [...found].map(([name, { count, again, as }]) => ({
    path: `grids[${grids.findIndex((g) => g.name === name)}]`,
    message: `${count === 1 ? '1 cell needs' : `${count} cells need`} the same trial as another cell: ${cellText(again)} is ${cellText(as)}`,
  }));
}

const cellText = ({ point, baseline }: PlannedCell): string =>
  `${baseline ? 'the baseline ' : ''}${shown(point)}`;
