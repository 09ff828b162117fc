import type { CellView } from '#contracts/experiment.js';

/** Cells of each grid, in the order of the file. */
export function byGrid(cells: readonly CellView[]): Map<string, CellView[]> {
  const grids = new Map<string, CellView[]>();
  for (const cell of cells) {
    const own = grids.get(cell.grid);
    if (own) own.push(cell);
    else grids.set(cell.grid, [cell]);
  }
  return grids;
}
