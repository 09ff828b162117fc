/** What a group of replicates amounts to. Every cell of it is accounted for exactly once: measured, repeated,
 *  or missing. */
import type { CellView } from '#contracts/experiment.js';
import { drawAxis } from '#contracts/grid.js';
import type { TrialState } from '#contracts/trial.js';
import { type Beside, learnedNothing } from './learned.js';
import { inReferenceOrder, measuredOn, possibleOf, readMetric, referencesBeside } from './metrics.js';
import { type Mixed, mixedData, mixedProvenance } from './provenance.js';
import { estimate, type Estimate, mean, type Replicate, unitsOf } from './statistics.js';

export interface Missing {
  state: TrialState; // succeeded: it finished, but has no such metric
  count: number;
  // of what has ended; what goes on says another thing every second
  reasons: { why: string; seeds: (number | null)[] }[];
}

export interface Group {
  cells: number;
  estimate: Estimate | null; // over `values`, or over draws; null while there are none
  // subsets of training examples that its cells are trained on: above 1 they are what it is over
  draws: number;
  values: Replicate[]; // succeeded only: a pruned, failed or running trial never enters
  repeated: number; // cells whose trial another cell of the group already stands for: no further replicate
  missing: Missing[];
  ids: string[]; // of every cell
  // null: each of `values` is better than what needs no training, or has nothing beside it
  unlearned: Unlearned | null;
  mixed: Mixed[]; // what differs in who computed `values`, on what
  measuredOn: string[]; // "test = 34": each number of examples that `values` were measured on
  references: Record<string, number>; // mean of each score without training over the trials of `values`
}

/** Trials that ended no better than a constant or the untouched backbone. */
export interface Unlearned {
  seeds: (number | null)[];
  beside: Beside[]; // what the first of them does not exceed, best first
}

/** The last summary of each group, by its first cell. A cell that changes is another object, so that a table
 *  of many groups is made anew at the price of those that have changed. */
const summaries = new WeakMap<CellView, { cells: readonly CellView[]; metric: string; group: Group }>();

/** Cells are never changed in place, nor is what this gives. */
export function summariseGroup(cells: readonly CellView[], metric: string): Group {
  const [first] = cells;
  const known = first && summaries.get(first);
  if (known?.metric === metric && areSame(known.cells, cells)) return known.group;
  const group = summarise(cells, metric);
  if (first) summaries.set(first, { cells, metric, group });
  return group;
}

const areSame = (a: readonly CellView[], b: readonly CellView[]): boolean =>
  a.length === b.length && a.every((cell, i) => cell === b[i]);

function summarise(cells: readonly CellView[], metric: string): Group {
  const possible = possibleOf(metric);
  const values: Replicate[] = [];
  const measured: CellView[] = [];
  const counted = new Set<string>();
  const missing = new Map<TrialState, Missing>();
  const draws = new Set(cells.map(({ point }) => point[drawAxis])).size;
  let repeated = 0;
  for (const cell of cells) {
    const value = cell.state === 'succeeded' && cell.summary ? readMetric(cell.summary, metric) : null;
    if (value === null) addMissing(missing, cell, metric);
    else if (counted.has(cell.trialId)) repeated++;
    else {
      values.push({ seed: seedOf(cell), ...drawOf(cell), value });
      measured.push(cell);
    }
    if (value !== null) counted.add(cell.trialId);
  }
  return {
    cells: cells.length,
    estimate: values.length ? estimate(unitsOf(values, draws), possible && { possible }) : null,
    draws,
    values,
    repeated,
    missing: [...missing.values()],
    ids: cells.map((c) => c.id),
    unlearned: unlearnedOf(measured, metric),
    mixed: [...mixedProvenance(measured), ...mixedData(measured)],
    measuredOn: sizesOf(measured, metric),
    references: referencesOf(measured, metric),
  };
}

const drawOf = ({ point }: CellView): Pick<Replicate, 'draw'> =>
  typeof point[drawAxis] === 'number' ? { draw: point[drawAxis] } : {};

function unlearnedOf(measured: readonly CellView[], metric: string): Unlearned | null {
  const found = measured.flatMap((cell) => {
    const beside = learnedNothing(cell.summary!, metric);
    return beside ? [{ seed: seedOf(cell), beside }] : [];
  });
  return found.length ? { seeds: found.map((f) => f.seed), beside: found[0]!.beside } : null;
}

function sizesOf(measured: readonly CellView[], metric: string): string[] {
  const sizes = measured.flatMap(({ summary }) => measuredOn(summary!, metric) ?? []);
  return [...new Set(sizes.toSorted((a, b) => a.n - b.n).map(({ split, n }) => `${split} = ${n}`))];
}

function referencesOf(measured: readonly CellView[], metric: string): Record<string, number> {
  const scores = new Map<string, number[]>();
  for (const { summary } of measured)
    for (const [name, score] of Object.entries(referencesBeside(summary!, metric)))
      scores.set(name, [...(scores.get(name) ?? []), score]);
  return inReferenceOrder(Object.fromEntries([...scores].map(([name, own]) => [name, mean(own)])));
}

export function seedOf({ point }: CellView): number | null {
  return typeof point['seed'] === 'number' ? point['seed'] : null;
}

function addMissing(missing: Map<TrialState, Missing>, cell: CellView, metric: string): void {
  const entry: Missing = missing.get(cell.state) ?? { state: cell.state, count: 0, reasons: [] };
  const why = cell.state === 'succeeded' ? `it finished without a number called ${metric}` : cell.why;
  entry.count++;
  missing.set(cell.state, entry);
  if (!isEnded(cell.state)) return;
  const reason = entry.reasons.find((r) => r.why === why);
  if (reason) reason.seeds.push(seedOf(cell));
  else entry.reasons.push({ why, seeds: [seedOf(cell)] });
}

/** Nothing happens to such a trial any more unless somebody asks for it. */
export function isEnded(state: TrialState): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'cancelled' || state === 'pruned';
}
