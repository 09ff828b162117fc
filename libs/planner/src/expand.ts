import type { CreateExperiment, Grid, Point } from '#contracts/grid.js';
import type { TrialConfig } from '#contracts/trial.js';
import { Addresses, type GivenInput } from './addresses.js';
import { GridError, type GridIssue } from './grid-error.js';
import { matches, type Raw, withKnob } from './knobs.js';
import { resolveCell } from './resolve-cell.js';
import { type PlannedTrial, planTrials } from './plan-trials.js';
import { trialKey } from './trial-key.js';

export interface ResolvedCell {
  grid: string;
  index: number; // place in its grid: row-major over the axes in file order, baselines behind
  point: Point; // the axes' values; for a baseline what it changes
  baseline: boolean;
  config: TrialConfig;
}

export interface PlannedCell extends ResolvedCell {
  trialKey: string;
}

export interface Plan {
  cells: PlannedCell[];
  trials: PlannedTrial[]; // distinct, those that cells wait for included, dependencies first
}

export const mostCells = 100_000;

/** The grid expanded: every cell fully resolved and checked, and the trials they need. Throws GridError with all that is wrong (each
 *  message once), before anything was done. Sizes are checked before a cell is made. */
export function expand(experiment: CreateExperiment, cap = mostCells): Plan {
  const work = expanding(experiment, cap);
  for (;;) {
    const piece = work.next();
    if (piece.done) return piece.value;
  }
}

/** expand() piece by piece, a cell or a trial each: a hundred thousand take seconds, and a server has others to answer meanwhile. */
export function* expanding(experiment: CreateExperiment, cap = mostCells): Generator<void, Plan> {
  return yield* planning(yield* expandingCells(experiment, cap), experiment.inputs);
}

/** The trials of these cells, by the content of the files and folders that they name. */
export function* planning(cells: readonly ResolvedCell[], inputs: readonly GivenInput[]): Generator<void, Plan> {
  const addresses = new Addresses(inputs);
  const planned: PlannedCell[] = [];
  for (const cell of cells) {
    yield;
    planned.push({ ...cell, trialKey: trialKey(addresses.addressed(cell.config)) });
  }
  return { cells: planned, trials: yield* planTrials(planned, addresses) };
}

/** The grid's cells alone, which say what files and folders they name. */
export function* expandingCells(experiment: CreateExperiment, cap = mostCells): Generator<void, ResolvedCell[]> {
  const sizes = experiment.grids.map(gridSize);
  const total = sizes.reduce((a, b) => a + b, 0);
  if (total > cap) {
    const largest = sizes.indexOf(Math.max(...sizes));
    throw new GridError([
      { path: `grids[${largest}].grid`, message: `the experiment has ${total} cells; at most ${cap} are allowed` },
    ]);
  }
  const issues: Issues = new Map();
  const names = experiment.grids.map((g) => g.name);
  const twice = names.find((n, i) => names.indexOf(n) !== i);
  if (twice) note(issues, { path: `grids[${names.lastIndexOf(twice)}].name`, message: `"${twice}" is the name of two grids` });
  const cells: ResolvedCell[] = [];
  for (const [i, grid] of experiment.grids.entries()) for (const cell of yield* expandGrid(grid, `grids[${i}]`, issues)) cells.push(cell); // prettier-ignore
  if (issues.size) throw new GridError([...issues.values()]);
  if (cells.length === 0) throw new GridError([{ path: 'grids', message: 'no cell is left after exclude' }]);
  return cells;
}

function gridSize(grid: Grid): number {
  const product = Object.values(grid.grid).reduce((n, values) => n * values.length, 1);
  return product + grid.baselines.length * (grid.grid['seed']?.length ?? 1);
}

function* expandGrid(grid: Grid, where: string, issues: Issues): Generator<void, ResolvedCell[]> {
  const { name, grid: axes, exclude, when, baselines, ...base } = grid;
  checkRules(grid, where, issues);
  const cells: ResolvedCell[] = [];
  const add = (raw: Raw, point: Point, baseline: boolean, blame: (issue: GridIssue) => string) => {
    const resolved = resolveCell(raw);
    if ('issues' in resolved) {
      for (const issue of resolved.issues) note(issues, { ...issue, path: blame(issue) });
      return;
    }
    cells.push({
      grid: name,
      index: cells.length,
      point,
      baseline,
      config: resolved.config,
    });
  };
  for (const point of crossed(Object.entries(axes))) {
    yield;
    let raw = Object.entries(point).reduce<Raw>((config, [knob, value]) => withKnob(config, knob, value), base);
    if (exclude.some((rule) => matches(raw, rule))) continue;
    for (const rule of when) if (matches(raw, rule.if)) raw = applied(raw, rule.set);
    add(raw, point, false, (issue) => blamed(issue, axes, point, where));
  }
  const seeds = crossed(Object.entries(axes).filter(([knob]) => knob === 'seed'));
  const seedPoints = [...seeds];
  for (const [i, baseline] of baselines.entries()) {
    for (const seed of seedPoints) {
      yield;
      const raw = applied(applied(base, baseline), seed);
      add(raw, { ...(baseline as Point), ...seed }, true, (issue) => `${where}.baselines[${i}].${issue.path}`);
    }
  }
  return cells;
}

/** Every combination, the last axis fastest. */
function* crossed(axes: [string, unknown[]][]): Generator<Point> {
  const [first, ...rest] = axes;
  if (!first) {
    yield {};
    return;
  }
  const [knob, values] = first;
  for (const value of values) for (const point of crossed(rest)) yield { [knob]: value, ...point } as Point;
}

/** Knobs set one after the other; an object replaces what was there, since another method has other knobs. */
function applied(config: Raw, changes: Raw): Raw {
  return Object.entries(changes).reduce((c, [knob, value]) => withKnob(c, knob, value), config);
}

/** The axis value that an issue is about, or the place in the base config. */
function blamed(issue: GridIssue, axes: Grid['grid'], point: Point, where: string): string {
  const axis = Object.keys(axes).find((knob) => issue.path === knob || issue.path.startsWith(`${knob}.`));
  if (!axis) return `${where}.${issue.path}`;
  const index = axes[axis]!.findIndex((value) => sameJson(value, point[axis]));
  return `${where}.grid.${axis}[${index}]`;
}

/** Where a cell's knob was given in what was submitted: "grids[0].grid.task.path[1]", "grids[0].backbone.folder". */
export function placeOf({ grids }: CreateExperiment, { grid, point, baseline }: ResolvedCell, knob: string): string {
  const i = grids.findIndex((g) => g.name === grid);
  const { grid: axes, baselines } = grids[i]!;
  const given = (at: Raw) => Object.keys(at).some((k) => knob === k || knob.startsWith(`${k}.`));
  if (!baseline) return blamed({ path: knob, message: '' }, axes, point, `grids[${i}]`);
  const b = baselines.findIndex((changes) => given(changes) && Object.keys(changes).every((k) => sameJson(changes[k], point[k])));
  return b < 0 ? `grids[${i}].${knob}` : `grids[${i}].baselines[${b}].${knob}`;
}

const sameJson = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

function checkRules({ grid: axes, when, exclude }: Grid, where: string, issues: Issues): void {
  when.forEach((rule, i) => {
    for (const knob of Object.keys(rule.set)) {
      if (knob in axes)
        note(issues, { path: `${where}.when[${i}].set.${knob}`, message: 'is an axis; a rule may only set other knobs' });
    }
  });
  exclude.forEach((rule, i) => {
    if (Object.keys(rule).length === 0)
      note(issues, { path: `${where}.exclude[${i}]`, message: 'names no knob, and would exclude every cell' });
  });
  for (const [knob, values] of Object.entries(axes)) {
    const seen = values.map((v) => JSON.stringify(v));
    const again = seen.findIndex((v, i) => seen.indexOf(v) !== i);
    if (again >= 0) note(issues, { path: `${where}.grid.${knob}[${again}]`, message: `${seen[again]} stands there twice` });
  }
}

type Issues = Map<string, GridIssue>; // each said once

function note(issues: Issues, issue: GridIssue): void {
  issues.set(`${issue.path} ${issue.message}`, issue);
}
