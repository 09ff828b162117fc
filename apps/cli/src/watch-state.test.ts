import { PeftgridClient } from '#contracts/client.js';
import type { CellView, ExperimentEvent, ExperimentView } from '#contracts/experiment.js';
import { WatchState } from './watch-state.js';

const trialId = '00000000-0000-4000-8000-000000000001';
const cell: CellView = {
  id: trialId,
  grid: 'g',
  index: 0,
  point: { seed: 1 },
  baseline: false,
  trialId,
  state: 'running',
  reused: false,
  why: '',
  step: 0,
  steps: 40,
  stepMs: null,
  summary: null,
};
const measured = (...metrics: [string, 'train' | 'validation' | 'test', number][]): ExperimentEvent => ({
  id: 1,
  type: 'metrics',
  trialId,
  metrics: metrics.map(([name, split, value]) => ({ name, split, value, step: 40 })),
});

// every trial has a cell, so that the server is asked nothing
const watched = () =>
  new WatchState(
    new PeftgridClient('http://127.0.0.1:9'),
    { id: trialId, name: 'e', state: 'active' } as ExperimentView,
    [cell],
  );

it('shows validation while a trial trains, and test once it is there, whatever comes after', async () => {
  const state = watched();
  const score = () => state.trials.get(trialId)!.score;
  await state.apply(measured(['loss', 'train', 0.7]));
  expect(score()).toBeNull();
  await state.apply(measured(['loss', 'validation', 0.6], ['accuracy', 'validation', 0.8]));
  expect(score()).toEqual({ metric: 'accuracy', split: 'validation', value: 0.8 });
  await state.apply(
    measured(['accuracy', 'validation', 0.85], ['accuracy', 'test', 0.7], ['f1', 'test', 0.6]),
  );
  expect(score()).toEqual({ metric: 'accuracy', split: 'test', value: 0.7 });
  await state.apply(measured(['accuracy', 'validation', 0.9]));
  expect(score()).toEqual({ metric: 'accuracy', split: 'test', value: 0.7 });
});
