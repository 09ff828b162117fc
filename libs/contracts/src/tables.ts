/** Tables, figures and curves over HTTP. What the numbers mean is said in libs/analysis, which computes them.
 */
import { z } from 'zod';
import { listOf, wholeNumber } from './query-values.js';
import { suiteNames } from './suites.js';
import { TrialState } from './trial.js';
import { Wheres } from './where.js';

export const tableFormatsOverHttp = [
  'json',
  'ndjson',
  'csv',
  'markdown',
  'latex',
  'text',
  'parquet',
] as const;

/** What every table, figure and set of curves can be asked for. */
const chosen = {
  grid: listOf(z.string()).optional(), // absent: all
  where: Wheres.optional(),
};

const measured = {
  metric: z.string().min(1).max(200).optional(), // absent: of each grid what its task reports
  // of the metric; absent: test, unless the metric names one
  split: z.enum(['test', 'validation']).optional(),
};

/** Which table is asked for, as a query string says it. */
export const TableQuery = z.strictObject({
  ...chosen,
  rows: listOf(z.string()).optional(), // axes down the side; absent: by the number of their values
  cols: listOf(z.string()).optional(), // axes across the top
  ...measured,
  format: z.enum(tableFormatsOverHttp).default('json'),
});
export type TableQuery = z.infer<typeof TableQuery>;

/** The same for several experiments beside each other. */
export const JoinedTableQuery = TableQuery.extend({
  experiments: listOf(z.uuid()).pipe(z.array(z.uuid()).min(1).max(50)),
});
export type JoinedTableQuery = z.infer<typeof JoinedTableQuery>;

export const ScalingQuery = z.strictObject({
  ...chosen,
  axis: z.string().min(1), // a knob that holds numbers
  ...measured,
  format: z.enum(['json', 'ndjson', 'csv']).default('json'),
});
export type ScalingQuery = z.infer<typeof ScalingQuery>;

/** The most trials that one page of curves holds, and the most points of one curve. */
export const mostCurves = 1_000;
export const mostPoints = 2_000;

export const CurvesQuery = z.strictObject({
  ...chosen,
  state: listOf(TrialState).optional(),
  metric: z.string().min(1).max(200).default('loss'),
  split: z.enum(['train', 'validation', 'test']).default('train'),
  // of a curve at most: the first, the last, and evenly chosen ones between
  points: wholeNumber(2, mostPoints).default(200),
  limit: wholeNumber(1, mostCurves).default(100), // trials on a page
  cursor: wholeNumber(0, 999_999_999).optional(), // `next` of the page before
  format: z.enum(['json', 'ndjson', 'csv']).default('json'),
});
export type CurvesQuery = z.infer<typeof CurvesQuery>;

/** A value of an axis; null also where a cell lacks the axis. */
const AxisValue = z.json();
const Replicate = z.object({
  seed: z.number().nullable(),
  draw: z.number().optional(), // of its training examples; absent where no axis is one of draws
  value: z.number(),
});
const Mixed = z.object({
  what: z.enum(['device', 'library', 'code version', 'data']),
  values: z.array(z.object({ value: z.string(), count: z.int() })),
});

/** Mean over seeds, or over draws, with its t-interval. */
export const EstimateView = z.object({
  n: z.int(),
  mean: z.number(),
  sd: z.number().nullable(), // n - 1 in the denominator; null: one seed
  halfWidth: z.number().nullable(),
  low: z.number().nullable(), // ends of the interval, cut at what is possible
  high: z.number().nullable(),
  level: z.number(),
});

/** The cells of one place of a table: each is measured, repeated, or missing. */
export const GroupView = z.object({
  cells: z.int(),
  estimate: EstimateView.nullable(), // null: nothing is measured
  // of training examples; above 1 the estimate is over draws, of each one's mean over its seeds
  draws: z.int(),
  values: z.array(Replicate),
  repeated: z.int(),
  missing: z.array(
    z.object({
      state: TrialState,
      count: z.int(),
      reasons: z.array(z.object({ why: z.string(), seeds: z.array(z.number().nullable()) })),
    }),
  ),
  ids: z.array(z.string()),
  unlearned: z
    .object({
      seeds: z.array(z.number().nullable()),
      beside: z.array(z.tuple([z.string(), z.number(), z.string()])),
    })
    .nullable(),
  mixed: z.array(Mixed),
  measuredOn: z.array(z.string()),
  references: z.record(z.string(), z.number()),
});
export type GroupView = z.infer<typeof GroupView>;

/** Means over the tasks of a benchmark by its own rule, beside a table that has its tasks as an axis. */
export const SuiteMeansView = z.object({
  suite: z.enum(suiteNames),
  split: z.enum(['test', 'validation']),
  tasks: z.array(z.string()), // all of the suite's
  body: z.array(
    z.object({
      label: z.string(), // the other axes' values, or what a baseline changes
      scores: z.array(EstimateView.nullable()), // of each task, over seeds; null: not measured
      mean: EstimateView.nullable(), // over all tasks, for each seed first; null: no seed has every task
      values: z.array(Replicate),
      seeds: z.int(), // that the row should have
      measured: z.int(), // the most tasks that one seed has
    }),
  ),
});
export type SuiteMeansView = z.infer<typeof SuiteMeansView>;

/** A table of means over seeds, of one grid. */
export const TableView = z.object({
  grid: z.string(),
  metric: z.string(),
  rows: z.array(z.string()),
  cols: z.array(z.string()),
  added: z.array(z.string()),
  columns: z.array(z.array(AxisValue)),
  body: z.array(z.object({ values: z.array(AxisValue), groups: z.array(GroupView.nullable()) })),
  baselines: z.array(z.object({ label: z.string(), grid: z.string(), group: GroupView })),
  references: z.array(z.object({ name: z.string(), min: z.number(), max: z.number() })),
  cells: z.int(),
  mixed: z.array(Mixed),
  suite: SuiteMeansView.nullable(), // null: no benchmark's tasks are an axis
  remarks: z.array(z.string()),
  means: z.int(),
  notes: z.array(z.string()),
});
export type TableView = z.infer<typeof TableView>;

const measuredPoint = {
  mean: z.number(),
  sd: z.number().nullable(),
  halfWidth: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  n: z.int(),
  cells: z.int(),
  values: z.array(Replicate),
  examples: z.array(z.int()), // of the split that the values were measured on
  references: z.record(z.string(), z.number()),
};

/** A metric against one axis of numbers, of one grid: a line for each combination of the other axes. */
export const ScalingView = z.object({
  grid: z.string(),
  axis: z.string(),
  metric: z.string(),
  lines: z.array(
    z.object({
      at: z.record(z.string(), AxisValue),
      points: z.array(z.object({ x: z.number(), ...measuredPoint })),
    }),
  ),
  baselines: z.array(z.object({ label: z.string(), ...measuredPoint })),
});
export type ScalingView = z.infer<typeof ScalingView>;

/** One metric of one trial by step, thinned. */
export const ThinnedCurve = z.object({
  trialId: z.uuid(),
  grid: z.string(), // of the first cell that shows the trial
  index: z.int(),
  point: z.record(z.string(), AxisValue),
  state: TrialState,
  measured: z.int(), // points before they were thinned
  steps: z.array(z.int()),
  values: z.array(z.number()),
});
export type ThinnedCurve = z.infer<typeof ThinnedCurve>;

export const CurvesPage = z.object({
  metric: z.string(),
  split: z.enum(['train', 'validation', 'test']),
  curves: z.array(ThinnedCurve), // in the order of the file; trials that have no such metric are left out
  next: z.string().nullable(),
});
export type CurvesPage = z.infer<typeof CurvesPage>;
