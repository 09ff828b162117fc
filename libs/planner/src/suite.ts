/** `task: { suite: superglue, path: … }`: a benchmark as an axis of its tasks. */
import { type Grid, isReplicate } from '#contracts/grid.js';
import { suiteKnob, type SuiteName, suiteNames, tasksOf } from '#contracts/suites.js';
import type { GridIssue } from './grid-error.js';
import { isObject, isWithin, shown } from './knobs.js';
import { closest } from './spelling.js';

const isSuite = (name: unknown): name is SuiteName =>
  typeof name === 'string' && (suiteNames as string[]).includes(name);

/** The suite that a grid names as its task, whether or not there is one of that name. */
export const suiteOf = ({ task }: Grid): unknown => (isObject(task) ? task['suite'] : undefined);

/** The grid with its suite's tasks as its first axis, each resolved as a task that is written by hand. A grid
 *  without a suite, or with one that suiteIssues() refuses, is as it was. */
export function withSuite(grid: Grid): Grid {
  const suite = suiteOf(grid);
  if (!isSuite(suite)) return grid;
  const { suite: _named, ...knobs } = grid['task'] as Record<string, unknown>;
  return { ...grid, task: { name: suite, ...knobs }, grid: { [suiteKnob]: tasksOf(suite), ...grid.grid } };
}

/** What is wrong with how a grid names its suite, by place in the grid. */
export function suiteIssues(grid: Grid): GridIssue[] {
  const suite = suiteOf(grid);
  if (suite === undefined) return [];
  if (!isSuite(suite)) {
    const guess = typeof suite === 'string' ? closest(suite, suiteNames) : undefined;
    const hint = guess === undefined ? '' : `; did you mean "${guess}"?`;
    return [
      { path: 'task.suite', message: `${shown(suite)}; expected one of ${suiteNames.join(', ')}${hint}` },
    ];
  }
  const task = grid['task'] as Record<string, unknown>;
  const given = ['name', 'dataset'].filter((knob) => Object.hasOwn(task, knob));
  const axes = Object.keys(grid.grid).filter((axis) => axis === suiteKnob || isWithin(suiteKnob, axis));
  return [
    ...given.map((knob) => ({
      path: `task.${knob}`,
      message: `${shown(task[knob])}, and task.suite gives every task's own; leave it out`,
    })),
    ...axes.map((axis) => ({
      path: `grid.${axis}`,
      message: `task.suite makes an axis of its tasks; leave one out (exclude leaves out single tasks)`,
    })),
  ];
}

/** Whether a baseline crosses with an axis: with draws and seeds, and with a suite's tasks, where it does not
 *  give its own. */
export const crossesBaselines = (
  suite: unknown,
  knob: string,
  baseline: Readonly<Record<string, unknown>>,
): boolean => {
  if (!isReplicate(knob) && !(knob === suiteKnob && isSuite(suite))) return false;
  return !Object.keys(baseline).some((own) => own === knob || isWithin(knob, own));
};
