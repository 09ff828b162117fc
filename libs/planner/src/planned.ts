/** What a grid becomes: cells, and the trials that they need. */
import type { SolvedSize } from '#contracts/budget.js';
import type { PlannedRule, PlanWarning } from '#contracts/experiment.js';
import type { Point } from '#contracts/grid.js';
import type { TrialInput } from '#contracts/input.js';
import type { TrialConfig } from '#contracts/trial.js';

export interface ResolvedCell {
  grid: string;
  index: number; // place in its grid: row-major over the axes in file order, then the baselines
  point: Point; // the axes' values; for a baseline what it changes
  baseline: boolean;
  when: readonly number[]; // the rules of `when` that it matched, by their place in the file
  config: TrialConfig;
  size?: SolvedSize; // of its method, where a budget decides it
}

export interface PlannedCell extends ResolvedCell {
  trialKey: string;
}

export interface PlannedGrid {
  name: string;
  rules: PlannedRule[]; // in the order in which they are applied
  requires: string[]; // labels of the workers that may train its cells
}

export interface ResolvedGrids {
  cells: ResolvedCell[];
  grids: PlannedGrid[];
}

export interface Plan {
  cells: PlannedCell[];
  trials: PlannedTrial[]; // distinct, those that cells wait for included, dependencies first
  grids: PlannedGrid[];
  warnings: PlanWarning[]; // what may be meant otherwise
}

export interface PlannedTrial {
  key: string;
  config: TrialConfig;
  inputs: TrialInput[]; // what of its files and folders was given
  steps: number; // optimizer steps it will do
  /** Groups trials that keep the same backbone in memory. */
  backboneKey: string;
  /** Trials of equal gangKey may train as one gang; null: always alone. */
  gangKey: string | null;
  /** Checkpoints it starts from: nothing of it runs before they are there. */
  waitsFor: { key: string; kind: 'backbone' | 'adapter'; step: number }[];
}
