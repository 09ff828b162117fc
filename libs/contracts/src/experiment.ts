import { z } from 'zod';
import { SolvedSize } from './budget.js';
import { Point } from './grid.js';
import { FailureCause, TrialConfig, TrialState } from './trial.js';
import { Metric, SplitSizes, Summary } from './trainer-messages.js';

export const TrialCounts = z.record(TrialState, z.int());
export type TrialCounts = z.infer<typeof TrialCounts>;

export const ExperimentView = z.object({
  id: z.uuid(),
  name: z.string(),
  state: z.enum(['active', 'paused', 'finished', 'cancelled']),
  priority: z.int(),
  cells: z.int(),
  trials: TrialCounts, // distinct trials by state
  reused: z.int(), // cells whose trial was finished or under way when the experiment was submitted
  createdAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
  etaSeconds: z.number().nullable(), // null until something was measured
});
export type ExperimentView = z.infer<typeof ExperimentView>;

/** Which experiments are listed. */
export const ExperimentsQuery = z.strictObject({
  called: z.string().max(200).optional(), // their name, or the beginning of their id
});

/** One point of one grid. `point` holds the axes' values only; `config` everything. */
export const CellView = z.object({
  id: z.uuid(),
  grid: z.string(),
  index: z.int(), // place in the grid, row-major over its axes
  point: Point,
  baseline: z.boolean(),
  trialId: z.uuid(),
  state: TrialState,
  reused: z.boolean(),
  /** One sentence: why the cell is as it is ("waits for adaptation step 500 of trial 1f…", "diverged at step
   *  12: loss NaN"). */
  why: z.string(),
  step: z.int(),
  steps: z.int(),
  stepMs: z.number().nullable(),
  summary: Summary.nullable(),
});
export type CellView = z.infer<typeof CellView>;

export const AttemptView = z.object({
  id: z.uuid(),
  fence: z.int(),
  worker: z.string().nullable(),
  state: z.enum(['dispatched', 'running', 'succeeded', 'failed', 'cancelled', 'lost']),
  startedAt: z.iso.datetime().nullable(),
  endedAt: z.iso.datetime().nullable(),
  message: z.string().nullable(),
});
export type AttemptView = z.infer<typeof AttemptView>;

export const CheckpointView = z.object({
  kind: z.enum(['resume', 'backbone', 'adapter', 'predictions', 'neighbours']),
  step: z.int(),
  hash: z.string(),
  bytes: z.int(),
  files: z.array(z.object({ path: z.string(), hash: z.string(), bytes: z.int() })),
});
export type CheckpointView = z.infer<typeof CheckpointView>;

export const TrialView = z.object({
  id: z.uuid(),
  key: z.string(), // sha256 of the canonical config
  config: TrialConfig,
  state: TrialState,
  cause: FailureCause.nullable(),
  message: z.string().nullable(),
  why: z.string(),
  step: z.int(),
  steps: z.int(),
  attempts: z.array(AttemptView),
  /** Checkpoints that it starts from: weights of its backbone at a step, or its method's parameters as
   *  another trial of so many steps left them. */
  waitsFor: z.array(
    z.object({ trialId: z.uuid(), kind: z.enum(['backbone', 'adapter']), step: z.int(), met: z.boolean() }),
  ),
  checkpoints: z.array(CheckpointView),
  summary: Summary.nullable(),
});
export type TrialView = z.infer<typeof TrialView>;

/** A task's split sizes among the cells of a grid. `knob` is where the task stands ("task",
 *  "task.tasks.rte"). */
export const PlannedSplits = SplitSizes.extend({ knob: z.string(), task: z.string() });
export type PlannedSplits = z.infer<typeof PlannedSplits>;

/** What may be wrong and is no reason to refuse, and the place in what was submitted ("grids[0].task.path").
 */
export const PlanWarning = z.object({ path: z.string(), message: z.string() });
export type PlanWarning = z.infer<typeof PlanWarning>;

/** A rule of a grid ("exclude[0]", "when[2]") with how many cells it touched, baselines included. `set` null:
 *  such cells do not exist. */
export const PlannedRule = z.object({ place: z.string(), if: Point, set: Point.nullable(), cells: z.int() });
export type PlannedRule = z.infer<typeof PlannedRule>;

/** What a submission would do, without doing it. */
export const PlanView = z.object({
  cells: z.int(),
  trials: z.int(), // distinct, adaptation and pretraining included
  reused: z.int(), // of those, already finished or under way
  stages: z.object({ pretrain: z.int(), adapt: z.int(), tune: z.int(), evaluate: z.int() }),
  estimatedSeconds: z.number().nullable(), // on one slot; null where nothing comparable was measured
  grids: z.array(
    z.object({
      name: z.string(),
      cells: z.int(),
      axes: z.record(z.string(), z.array(z.json())),
      sizes: z.array(SolvedSize), // of methods, where a budget decides them; each once
      rules: z.array(PlannedRule), // in the order in which they are applied
      splits: z.array(PlannedSplits), // each once; none where the data is not where the plan is made
    }),
  ),
  warnings: z.array(PlanWarning),
});
export type PlanView = z.infer<typeof PlanView>;

/** A trial's curve: metrics in step order. */
export const CurveView = z.object({ trialId: z.uuid(), metrics: z.array(Metric) });
export type CurveView = z.infer<typeof CurveView>;

/** What the event stream carries. `id` is the cursor: a client that sends it as Last-Event-ID misses and
 *  repeats nothing. */
export const ExperimentEvent = z.discriminatedUnion('type', [
  z.object({
    id: z.int(),
    type: z.literal('trial'),
    trialId: z.uuid(),
    state: TrialState,
    step: z.int(),
    why: z.string(),
  }),
  z.object({ id: z.int(), type: z.literal('metrics'), trialId: z.uuid(), metrics: z.array(Metric) }),
  z.object({ id: z.int(), type: z.literal('experiment'), state: ExperimentView.shape.state }),
]);
export type ExperimentEvent = z.infer<typeof ExperimentEvent>;

/** Every refused request: what, where, and what was expected. */
export const Problem = z.object({
  status: z.int(),
  title: z.string(),
  issues: z.array(z.object({ path: z.string(), message: z.string() })),
});
export type Problem = z.infer<typeof Problem>;
