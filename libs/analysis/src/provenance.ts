/** Who computed the numbers of a group or a table, and whether it was one and the same. */
import type { CellView } from '#contracts/experiment.js';
import { canonical } from './axis-values.js';

/** A fact of the provenance that differs, with how many trials have which value, most first. */
export interface Mixed {
  what: 'device' | 'library' | 'code version' | 'data';
  values: { value: string; count: number }[];
}

const facts = { device: 'device', library: 'library', code: 'code version' } as const;

/** What differs in who computed these cells; empty where nothing does. Each trial counts once. Data is not
 *  compared: axes may differ in it. */
export function mixedProvenance(cells: readonly CellView[]): Mixed[] {
  const trials = measured(cells);
  return (Object.keys(facts) as (keyof typeof facts)[]).flatMap(
    (fact) =>
    differing(facts[fact], trials.map(({ summary }) => summary!.provenance[fact])), // prettier-ignore
  );
}

/** Cells that name one task, and were scored on different examples: their numbers cannot be compared. One
 *  entry a task. */
export function mixedData(cells: readonly CellView[]): Mixed[] {
  const byTask = new Map<string, string[]>();
  for (const { grid, point, summary } of measured(cells)) {
    const key = `${grid} ${taskKey(point)}`;
    const hashes = byTask.get(key);
    if (hashes) hashes.push(summary!.provenance.dataHash);
    else byTask.set(key, [summary!.provenance.dataHash]);
  }
  return [...byTask.values()].flatMap((hashes) => differing('data', hashes));
}

function taskKey(point: CellView['point']): string {
  const axes = Object.keys(point).filter((axis) => /^(task|from|evaluate)(\.|$)/.test(axis));
  return axes.toSorted().map((axis) => `${axis} ${canonical(point[axis])}`).join('\n'); // prettier-ignore
}

function measured(cells: readonly CellView[]): CellView[] {
  const trials = new Map<string, CellView>();
  for (const cell of cells) if (cell.state === 'succeeded' && cell.summary) trials.set(cell.trialId, cell);
  return [...trials.values()];
}

function differing(what: Mixed['what'], values: readonly string[]): Mixed[] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  if (counts.size < 2) return [];
  return [
    {
      what,
      values: [...counts].map(([value, count]) => ({ value, count })).toSorted((a, b) => b.count - a.count),
    },
  ];
}

/** "device: NVIDIA H200 (2 trials), CPU x 2 threads (1 trial)"; a hash by its beginning. */
export function mixedText({ what, values }: Mixed): string {
  const texts = values.map(({ value, count }) => {
    const shown = /^[0-9a-f]{40,}$/.test(value) ? `${value.slice(0, 12)}…` : value || 'not recorded';
    return `${shown} (${count} ${count === 1 ? 'trial' : 'trials'})`;
  });
  return `${what}: ${texts.join(', ')}`;
}
