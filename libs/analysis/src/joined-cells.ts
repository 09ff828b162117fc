import type { CellView } from '#contracts/experiment.js';

/** A pseudo-axis: which of several experiments a cell is of. No knob can be called so. */
export const experimentAxis = 'experiment';

export interface OfExperiment {
  id: string;
  name: string;
  cells: readonly CellView[];
}

/** The cells of several experiments as those of one, with the experiment as their first axis: its name, and
 *  the beginning of its id where another has the same name. Grids of one name become one grid. */
export function joinedCells(experiments: readonly OfExperiment[]): CellView[] {
  return experiments.flatMap(({ id, name, cells }) => {
    const isAlone = experiments.filter((other) => other.name === name).length === 1;
    const label = isAlone ? name : `${name} ${id.slice(0, 8)}`;
    return cells.map((cell) => ({ ...cell, point: { [experimentAxis]: label, ...cell.point } }));
  });
}
