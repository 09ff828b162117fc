import type { PlannedRule } from '#contracts/experiment.js';
import type { Grid } from '#contracts/grid.js';
import { suiteKnob } from '#contracts/suites.js';
import { ruleIssues } from './check-rules.js';
import { Conditions } from './conditions.js';
import { type Draft, drafts } from './drafts.js';
import { Ensembles } from './ensembles.js';
import type { Issues } from './issues.js';
import { isWithin, shown } from './knobs.js';
import { axisOverlaps, leftOutOfSource, lostIssues, setOverlaps } from './lost-values.js';
import { placeIn } from './places.js';
import type { ResolvedCell } from './planned.js';
import { resolveCell } from './resolve-cell.js';
import { SeenCells } from './seen-cell.js';
import { suiteIssues, suiteOf, withSuite } from './suite.js';
import { hashOf } from './trial-key.js';
import { unmatched } from './unmatched.js';
import { WhenRules } from './when-rules.js';

interface Expanded {
  cells: ResolvedCell[];
  rules: PlannedRule[];
}

/** A grid's cells. Axes or a baseline are set on the base config, then `when` is applied, then `exclude`,
 *  both to the cell with every default. What is wrong is noted by its place, with `where` before it; the
 *  cells are then of no use. */
export function* expandGrid(given: Grid, where: string, issues: Issues): Generator<void, Expanded> {
  const grid = withSuite(given);
  const {
    name,
    grid: _axes,
    exclude,
    when: whenRules,
    baselines: _others,
    requires: _labels,
    ...base
  } = grid;
  const note = (path: string, message: string) => issues.note(`${where}.${path}`, message);
  const wrong = [...suiteIssues(given), ...fixedIssues(given), ...ruleIssues(grid)];
  for (const { path, message } of wrong) note(path, message);
  if (wrong.length > 0) return { cells: [], rules: [] };

  const seenCells = new SeenCells();
  const when = new WhenRules(grid, seenCells, note);
  const conditions = new Conditions(exclude);
  const touched = exclude.map(() => 0);
  const cells: ResolvedCell[] = [];
  const before = issues.all.length;
  const ensembles = new Ensembles(grid.grid['seed']);
  let made = 0;
  for (const draft of drafts(grid, base, suiteOf(given))) {
    yield;
    made++;
    const seen = when.apply(draft);
    if (ensembles.isRepeated(draft)) continue;
    const excluded = conditions.matching(seen).members();
    for (const rule of excluded) touched[rule]!++;
    if (excluded.length > 0) continue;
    const cell = { point: draft.point, baseline: draft.baseline !== null, when: draft.when };
    const lost = [...draft.lost, ...leftOutOfSource(draft.raw)];
    for (const { by, message } of lost.length > 0 ? lostIssues(lost, seenCells.of(draft.raw)) : [])
      issues.note(blamed(given, where, draft, by), message);
    const resolved = resolveCell(draft.raw);
    if ('config' in resolved) {
      cells.push({ grid: name, index: cells.length, ...cell, ...resolved });
    } else {
      for (const { path, message } of resolved.issues)
        if (!cell.baseline || !issues.has(`${where}.${path}`, message)) {
          const place = blamed(given, where, draft, path);
          issues.note(place, message + leavingOut(place, draft));
        }
    }
  }
  const rules: PlannedRule[] = [
    ...whenRules.map((rule, i) => ({ place: `when[${i}]`, ...rule, cells: when.touched[i]! })),
    ...exclude.map((rule, i) => ({ place: `exclude[${i}]`, if: rule, set: null, cells: touched[i]! })),
  ];
  if (issues.all.length > before) return { cells, rules };
  for (const { path, message } of unmatched(rules, { when: when.conditions, exclude: conditions }))
    note(path, message);
  if (cells.length === 0) note('exclude', `leaves none of ${made === 1 ? 'the one cell' : `${made} cells`}`);
  return { cells, rules };
}

/** Where what is wrong with a cell was given. A baseline is blamed for all that no rule has set. */
function blamed(grid: Grid, where: string, { point, baseline, when }: Draft, knob: string): string {
  const byRule = when.some((r) =>
    Object.keys(grid.when[r]!.set).some((k) => k === knob || isWithin(knob, k)),
  );
  if (baseline !== null && !byRule) return `${where}.baselines[${baseline}].${knob}`;
  return placeIn(grid, where, { point, baseline: baseline !== null, when }, knob);
}

/** How a suite does without a task that the cell cannot have. */
const leavingOut = (place: string, { point }: Draft): string =>
  place.endsWith('.task.suite')
    ? `; exclude: [{ ${suiteKnob}: ${String(point[suiteKnob])} }] leaves it out`
    : '';

/** What is wrong whatever the cells are. */
function fixedIssues({ grid: axes, when, baselines }: Grid): { path: string; message: string }[] {
  const twice = Object.entries(axes).flatMap(([knob, values]) => {
    const seen = new Set<string>();
    const again = values.findIndex((value) => seen.size === seen.add(hashOf(value)).size);
    return again < 0
      ? []
      : [{ path: `grid.${knob}[${again}]`, message: `${shown(values[again])} stands there twice` }];
  });
  const given = {
    ...Object.fromEntries(Object.keys(axes).map((knob) => [`grid.${knob}`, knob])),
    ...Object.fromEntries(
      baselines.flatMap((set, i) => Object.keys(set).map((knob) => [`baselines[${i}].${knob}`, knob])),
    ),
    ...Object.fromEntries(
      when.flatMap(({ set }, i) => Object.keys(set).map((knob) => [`when[${i}].set.${knob}`, knob])),
    ),
  };
  const reserved = Object.entries(given).filter(([, knob]) => knob.split('.').includes('__proto__'));
  return [
    ...reserved.map(([path]) => ({ path, message: 'no such knob' })),
    ...twice,
    ...axisOverlaps(axes),
    ...baselines.flatMap((baseline, i) => setOverlaps(baseline, `baselines[${i}]`)),
    ...when.flatMap((rule, i) => setOverlaps(rule.set, `when[${i}].set`)),
  ];
}
