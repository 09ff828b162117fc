import type { Grid, Point } from '#contracts/grid.js';
import { outerFirst, type Raw, withKnob } from './knobs.js';
import { leftOut, type Lost } from './lost-values.js';
import { crossesBaselines } from './suite.js';

/** A cell on its way: what was set, by whom, and what that took away. */
export interface Draft {
  raw: Raw;
  point: Point;
  baseline: number | null; // its place among the baselines
  when: number[]; // rules that it matched
  lost: Lost[];
}

/** The cells of the axes, the last one fastest, then the baselines, each with the draws, the seeds and the
 *  suite's tasks unless it has its own. */
export function* drafts({ grid: axes, baselines }: Grid, base: Raw, suite: unknown): Generator<Draft> {
  for (const point of crossed(Object.entries(axes))) yield draft(base, point, null, {});
  for (const [i, baseline] of baselines.entries()) {
    const others = Object.entries(axes).filter(([knob]) => crossesBaselines(suite, knob, baseline));
    for (const point of crossed(others)) yield draft(base, baseline as Point, i, point);
  }
}

function draft(base: Raw, changes: Point, baseline: number | null, others: Point): Draft {
  const point = { ...changes, ...others };
  const made: Draft = { raw: base, point, baseline, when: [], lost: [] };
  for (const knob of outerFirst(Object.keys(point))) {
    made.lost.push(...leftOut(made.raw, knob, point[knob]));
    made.raw = withKnob(made.raw, knob, point[knob]);
  }
  return made;
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
