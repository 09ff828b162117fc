import { axesOf } from '#analysis/layout.js';
import type { PeftgridClient } from '#contracts/client.js';
import type { CellView, ExperimentEvent, ExperimentView } from '#contracts/experiment.js';
import type { Metric } from '#contracts/trainer-messages.js';
import type { TrialState } from '#contracts/trial.js';
import { configLabel, pointLabel } from './labels.js';

export interface WatchedTrial {
  label: string;
  state: TrialState;
  step: number;
  steps: number;
  why: string;
  loss: number | null;
  score: Score | null; // of validation while it trains, of test when it has ended
}

/** A task's first metric that is no loss, or the one that its summary reports. */
export interface Score {
  metric: string;
  split: 'validation' | 'test';
  value: number;
}

/** An experiment as a watcher sees it: read once, kept current by events, and read again now and then for
 *  counts and ETA. */
export class WatchState {
  readonly trials = new Map<string, WatchedTrial>();
  private readonly grids: number;
  private readonly varying = new Map<string, ReadonlySet<string>>();

  constructor(
    private readonly client: PeftgridClient,
    public experiment: ExperimentView,
    cells: readonly CellView[],
  ) {
    this.grids = new Set(cells.map((c) => c.grid)).size;
    for (const grid of new Set(cells.map((c) => c.grid)))
      this.varying.set(grid, varyingKnobs(cells.filter((c) => c.grid === grid)));
    for (const cell of cells) this.show(cell);
  }

  /** A trial's final state the first time it is seen, or null. Trials that no cell shows are asked for by id.
   */
  async apply(event: ExperimentEvent): Promise<WatchedTrial | null> {
    if (event.type === 'experiment') {
      this.experiment = { ...this.experiment, state: event.state };
      return null;
    }
    const trial = this.trials.get(event.trialId) ?? (await this.hidden(event.trialId));
    if (event.type === 'metrics') {
      for (const { name, split, value } of event.metrics)
        if (name === 'loss' && split === 'train') trial.loss = value;
      trial.score =
        scoreIn(event.metrics, 'test') ??
        testOf(trial) ??
        scoreIn(event.metrics, 'validation') ??
        trial.score;
      return null;
    }
    const ends = isFinal(event.state) && !isFinal(trial.state);
    Object.assign(trial, { state: event.state, step: event.step, why: event.why });
    return ends ? trial : null;
  }

  show({ trialId, grid, point, baseline, state, step, steps, why, summary }: CellView): void {
    const known = this.trials.get(trialId);
    const reported = summary?.test[summary.reportBy];
    const score =
      reported === undefined
        ? (known?.score ?? null)
        : { metric: summary!.reportBy, split: 'test' as const, value: reported };
    const label = known?.label ?? this.labelOf(grid, point, baseline);
    this.trials.set(trialId, {
      label,
      state,
      step,
      steps,
      why,
      loss: known?.loss ?? null,
      score,
    });
  }

  /** What tells the trial apart: its grid where there are several, and the knobs that vary in it; of a
   *  baseline all that it changes. */
  private labelOf(grid: string, point: CellView['point'], baseline: boolean): string {
    const knobs = this.varying.get(grid);
    const own = baseline
      ? point
      : Object.fromEntries(Object.entries(point).filter(([knob]) => knobs?.has(knob)));
    return [...(this.grids > 1 ? [`${grid}:`] : []), ...(baseline ? ['baseline'] : []), pointLabel(own)].join(
      ' ',
    );
  }

  private async hidden(id: string): Promise<WatchedTrial> {
    const { config, state, step, steps, why } = await this.client.trial(id);
    const trial = {
      label: configLabel(config),
      state: isFinal(state) ? ('running' as const) : state,
      step,
      steps,
      why,
      loss: null,
      score: null,
    };
    this.trials.set(id, trial);
    return trial;
  }
}

function scoreIn(metrics: readonly Metric[], split: Score['split']): Score | undefined {
  const found = metrics.find((metric) => metric.name !== 'loss' && metric.split === split);
  return found && { metric: found.name, split, value: found.value };
}

/** What was said of test examples stays, whatever of validation comes after it. */
const testOf = ({ score }: WatchedTrial): Score | undefined => (score?.split === 'test' ? score : undefined);

function varyingKnobs(cells: readonly CellView[]): ReadonlySet<string> {
  return new Set([...axesOf(cells)].flatMap(([knob, size]) => (size > 1 ? [knob] : [])));
}

export function isFinal(state: TrialState): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'cancelled' || state === 'pruned';
}
