/** What a group of replicates amounts to. Every cell of it is accounted for exactly once: measured, repeated, or missing. */
import type { CellView } from '#contracts/experiment.js';
import type { TrialState } from '#contracts/trial.js';
import { readMetric } from './metrics.js';
import { estimate, type Estimate, type Replicate } from './statistics.js';

export interface Missing {
  state: TrialState; // succeeded: it finished, but has no such metric
  count: number;
  reasons: { why: string; seeds: (number | null)[] }[];
}

export interface Group {
  cells: number;
  estimate: Estimate | null; // over `values`; null while there are none
  values: Replicate[]; // succeeded only: a pruned, failed or running trial never enters
  repeated: number; // cells whose trial another cell of the group already stands for: no further replicate
  missing: Missing[];
  ids: string[]; // of every cell
}

export function summariseGroup(cells: readonly CellView[], metric: string): Group {
  const values: Replicate[] = [];
  const counted = new Set<string>();
  const missing = new Map<TrialState, Missing>();
  let repeated = 0;
  for (const cell of cells) {
    const value = cell.state === 'succeeded' && cell.summary ? readMetric(cell.summary, metric) : null;
    if (value === null) addMissing(missing, cell, metric);
    else if (counted.has(cell.trialId)) repeated++;
    else values.push({ seed: seedOf(cell), value });
    if (value !== null) counted.add(cell.trialId);
  }
  return {
    cells: cells.length,
    estimate: values.length ? estimate(values.map((v) => v.value)) : null,
    values,
    repeated,
    missing: [...missing.values()],
    ids: cells.map((c) => c.id),
  };
}

export function seedOf({ point }: CellView): number | null {
  return typeof point['seed'] === 'number' ? point['seed'] : null;
}

function addMissing(missing: Map<TrialState, Missing>, cell: CellView, metric: string): void {
  const entry: Missing = missing.get(cell.state) ?? { state: cell.state, count: 0, reasons: [] };
  const why = cell.state === 'succeeded' ? `it finished without a number called ${metric}` : cell.why;
  entry.count++;
  const reason = entry.reasons.find((r) => r.why === why);
  if (reason) reason.seeds.push(seedOf(cell));
  else entry.reasons.push({ why, seeds: [seedOf(cell)] });
  missing.set(cell.state, entry);
}
