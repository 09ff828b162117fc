import type { CSSProperties } from 'react';
import type { CellView } from '#contracts/experiment.js';
import { learnedNothing } from '#analysis/learned.js';
import { readMetric } from '#analysis/metrics.js';
import { marks } from '#analysis/number-text.js';
import { states } from '../states.js';

export type Colouring = 'state' | 'metric';

/** What metric colours span; null: nothing measured, or not asked for. */
export interface Scale {
  metric: string;
  low: number;
  high: number;
}

interface Look {
  className: string;
  style: CSSProperties | undefined;
  mark: string;
}

export function scaleOf(cells: readonly CellView[], metric: string): Scale | null {
  let [low, high] = [Infinity, -Infinity];
  for (const cell of cells) {
    const value = valueOf(cell, metric);
    if (value === null) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low <= high ? { metric, low, high } : null;
}

/** A measured cell has its value's colour; any other keeps its state's, so that what failed is never blank.
 */
export function cellLook(cell: CellView, scale: Scale | null): Look {
  const mark = isUnlearned(cell) ? marks.unlearned : states[cell.state].mark;
  const value = scale && valueOf(cell, scale.metric);
  if (scale && value !== null)
    return { className: 'cell measured', style: { '--v': share(value, scale) } as CSSProperties, mark };
  const style =
    cell.state === 'running'
      ? ({ '--p': cell.steps ? cell.step / cell.steps : 0 } as CSSProperties)
      : undefined;
  return { className: `cell ${cell.state}`, style, mark };
}

/** It succeeded, and ended no better than a constant or the untouched backbone. */
export function isUnlearned({ state, summary }: CellView): boolean {
  return state === 'succeeded' && summary !== null && learnedNothing(summary) !== null;
}

/** Place of a value between the scale's ends, 0 to 1. */
export function share(value: number, { low, high }: Scale): number {
  return high > low ? (value - low) / (high - low) : 1;
}

function valueOf({ state, summary }: CellView, metric: string): number | null {
  return state === 'succeeded' && summary ? readMetric(summary, metric) : null;
}
