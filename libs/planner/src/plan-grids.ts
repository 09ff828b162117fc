import type { SolvedSize } from '#contracts/budget.js';
import type { PlanView } from '#contracts/experiment.js';
import type { Plan } from './planned.js';

type PlanGrid = Omit<PlanView['grids'][number], 'splits'>;

/** Each grid with its cells counted, the values that its axes take in cells (baselines left out), the sizes
 *  that budgets decide, and its rules. */
export function planGrids({ cells, grids }: Plan): PlanGrid[] {
  const found = new Map(
    grids.map(({ name, rules }) => [
      name,
      { name, rules, cells: 0, axes: new Map<string, Values>(), sizes: new Map<string, SolvedSize>() },
    ]),
  );
  for (const cell of cells) {
    const grid = found.get(cell.grid)!;
    grid.cells++;
    if (cell.size) grid.sizes.set(JSON.stringify(cell.size), cell.size);
    if (cell.baseline) continue;
    for (const [knob, value] of Object.entries(cell.point)) {
      const values: Values = grid.axes.get(knob) ?? new Map();
      grid.axes.set(knob, values.set(JSON.stringify(value), value));
    }
  }
  return [...found.values()].map(({ axes, sizes, ...grid }) => ({
    ...grid,
    sizes: [...sizes.values()],
    axes: Object.fromEntries([...axes].map(([knob, values]) => [knob, [...values.values()]])),
  }));
}

type Values = Map<string, PlanGrid['axes'][string][number]>;
