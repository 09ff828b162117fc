import type { CellView } from '#contracts/experiment.js';
import { baselineLabel, valueText } from '#analysis/axis-values.js';

/** "length 20, init random, seed 1"; of a baseline what it changes. */
export function pointText({ point, baseline }: Pick<CellView, 'point' | 'baseline'>): string {
  const seed = point['seed'] === undefined ? [] : [`seed ${valueText(point['seed'])}`];
  if (baseline) return [`baseline ${baselineLabel(point)}`, ...seed].join(', ');
  const axes = Object.entries(point).filter(([axis]) => axis !== 'seed');
  const parts = axes.map(([axis, value]) => `${shortAxis(axis)} ${valueText(value)}`);
  return [...parts, ...seed].join(', ') || 'the only point';
}

/** The last part of a knob's path, with the one before it where that part says little: "adapt.steps". */
export function shortAxis(axis: string): string {
  const parts = axis.split('.');
  const last = parts.at(-1)!;
  return /^(steps|name)$/.test(last) && parts.length > 1 ? parts.slice(-2).join('.') : last;
}
