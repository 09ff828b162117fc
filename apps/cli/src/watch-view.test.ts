import type { CellView, ExperimentView } from '#contracts/experiment.js';
import { duration } from './durations.js';
import { plainly, toldAs } from './failure.js';
import { pointLabel } from './labels.js';
import { type WatchedTrial } from './watch-state.js';
import { endedLine, headline, watchLines } from './watch-view.js';

const counts = { blocked: 2, ready: 3, dispatched: 0, running: 1, succeeded: 4, failed: 0, cancelled: 0, pruned: 0 };
const experiment = { name: 'demo', state: 'active', trials: counts, etaSeconds: 95 } as ExperimentView;
const trial: WatchedTrial = {
  label: 'g: length=5 seed=1',
  state: 'running',
  step: 30,
  steps: 60,
  why: 'training',
  loss: 1.25,
  accuracy: null,
};

describe('watching', () => {
  it('sums up the experiment on one line', () => {
    expect(headline(experiment)).toBe('demo  ████████░░░░░░░░░░░░ 4 of 10 done · 1 running · 5 waiting · about 1 min 35 s');
    const dispatched = { ...experiment, trials: { ...counts, dispatched: 1, ready: 2 } };
    expect(headline(dispatched)).toContain('4 of 10 done · 1 running · 1 next · 4 waiting');
    const failed = { ...experiment, state: 'finished' as const, trials: { ...counts, failed: 2 } };
    expect(headline(failed)).toContain('2 failed · finished');
  });

  it('draws a bar for every running trial, and never a line wider than the terminal', () => {
    const lines = watchLines(experiment, [trial, { ...trial, state: 'ready' }], 80);
    expect(lines).toHaveLength(2);
    expect(lines[1]).toBe('  g: length=5 seed=1 ██████░░░░░░ 30/60  loss 1.250');
    const long = { ...trial, label: 'x'.repeat(200) };
    expect(Math.max(...watchLines(experiment, [long, long], 40).map((l) => l.length))).toBeLessThanOrEqual(40);
  });

  it('counts running trials that there is no room for', () => {
    const lines = watchLines(experiment, Array.from({ length: 20 }, () => trial), 80); // prettier-ignore
    expect(lines.at(-1)).toBe('  and 4 more are running');
  });

  it('tells how a trial ended', () => {
    expect(endedLine({ ...trial, state: 'succeeded', accuracy: 0.8125 })).toBe('succeeded  g: length=5 seed=1  accuracy 0.813');
    expect(endedLine({ ...trial, state: 'failed', why: 'diverged: loss NaN' })).toBe(
      'failed     g: length=5 seed=1  diverged: loss NaN',
    );
  });

  it('names a point in short, the seed last', () => {
    const point: CellView['point'] = { seed: 2, 'method.length': 20, 'backbone.adapt.steps': 500, method: { name: 'head' } };
    expect(pointLabel(point)).toBe('length=20 adapt.steps=500 method=head seed=2');
  });

  it.each([
    [0.2, '0 s'],
    [59.6, '1 min'],
    [80, '1 min 20 s'],
    [754, '13 min'],
    [5400, '1 h 30 min'],
    [7200, '2 h'],
  ])('writes %d seconds as %s', (seconds, text) => expect(duration(seconds)).toBe(text));
});

describe('toldAs', () => {
  it('is one sentence and a list of what is wrong where, without a stack', () => {
    const issues = [{ path: 'grids[0].seed', message: 'is missing' }, { path: '', message: 'the file is empty' }]; // prettier-ignore
    const refused = Object.assign(new Error('refused\ngrids[0].seed: is missing'), { name: 'ApiError', issues });
    expect(toldAs(refused)).toBe('peftgrid: refused\n  grids[0].seed: is missing\n  the file is empty\n');
    expect(plainly(refused)).toEqual({ message: 'refused', issues });
    expect(toldAs('text')).toBe('peftgrid: text\n');
  });
});
