import { stripVTControlCharacters } from 'node:util';
import type { CellView, ExperimentView } from '#contracts/experiment.js';
import { duration } from './durations.js';
import { plainly, toldAs } from './failure.js';
import { pointLabel } from './labels.js';
import { type WatchedTrial } from './watch-state.js';
import { endedLine, headline, shortened, watchLines } from './watch-view.js';

const counts = {
  blocked: 2,
  ready: 3,
  dispatched: 0,
  running: 1,
  succeeded: 4,
  failed: 0,
  cancelled: 0,
  pruned: 0,
};
const experiment = { name: 'demo', state: 'active', trials: counts, etaSeconds: 95 } as ExperimentView;
const trial: WatchedTrial = {
  label: 'g: length=5 seed=1',
  state: 'running',
  step: 30,
  steps: 60,
  why: 'training',
  loss: 1.25,
  score: null,
};

describe('watching', () => {
  it('sums up the experiment on one line, each state by its one word', () => {
    expect(headline(experiment)).toBe(
      'demo  ████████░░░░░░░░░░░░ 4 of 10 succeeded · 1 running · 3 ready · 2 blocked · about 1 min 35 s',
    );
    const dispatched = { ...experiment, trials: { ...counts, dispatched: 1, ready: 2 } };
    expect(headline(dispatched)).toContain('1 running · 1 dispatched · 2 ready · 2 blocked');
    const failed = { ...experiment, state: 'finished' as const, trials: { ...counts, failed: 2 } };
    expect(headline(failed)).toContain('2 failed · finished');
    expect(headline({ ...experiment, state: 'paused' })).toContain('3 ready (paused) · 2 blocked · paused');
  });

  const plain = (width: number) => ({ width, colour: false });

  it('draws a bar for every running trial, and never a line wider than the terminal', () => {
    const lines = watchLines(experiment, [trial, { ...trial, state: 'ready' }], plain(100));
    expect(lines).toHaveLength(2);
    expect(lines[1]).toBe('  g: length=5 seed=1 ██████░░░░░░ 30/60  loss 1.250');
    const long = { ...trial, label: 'x'.repeat(200) };
    for (const width of [20, 40, 79, 80, 300])
      expect(
        Math.max(...watchLines(experiment, [long, long], plain(width)).map((l) => l.length)),
      ).toBeLessThanOrEqual(Math.max(width, 47));
  });

  it('cuts neither the time left nor what tells trials apart at 80 columns', () => {
    const labels = [1e-3, 1e-2].flatMap((rate) =>
      [1, 2].map(
        (seed) =>
          `second-grid: path=data/reviews-of-everything.csv learningRate=${rate} length=100 init=class-labels seed=${seed}`,
      ),
    );
    const lines = watchLines(
      { ...experiment, name: 'an experiment with a rather long name' },
      labels.map((label) => ({
        ...trial,
        label,
        score: { metric: 'accuracy', split: 'test' as const, value: 0.8125 },
      })),
      plain(80),
    );
    const text = lines.join('\n');
    expect(Math.max(...lines.map((l) => l.length))).toBeLessThanOrEqual(80);
    expect(text).toContain('about 1 min 35 s');
    for (const rate of ['learningRate=0.001', 'learningRate=0.01']) expect(text.split(rate)).toHaveLength(3);
    expect(text.match(/seed=[12]/g)).toHaveLength(4);
    expect(text).toContain('accuracy 81.3 %');
  });

  it.each([
    [['a=1 b=2', 'a=1 b=3'], 7, ['a=1 b=2', 'a=1 b=3']],
    [['grid: a=1 b=2', 'grid: a=1 b=3'], 8, ['… b=2', '… b=3']],
    [['a=1 long=something', 'a=2 long=something'], 10, ['a=1 …', 'a=2 …']],
    [['x=1 a=1 longer=thing', 'x=1 a=2 longer=thing'], 8, ['… a=1 …', '… a=2 …']],
    [['only=one-long-label'], 5, ['only=one-long-label']],
  ])('%j in %d columns is %j', (labels, room, short) => expect(shortened(labels, room)).toEqual(short));

  it('has colours where they are wanted, and the same text', () => {
    const drawn = watchLines({ ...experiment, trials: { ...counts, failed: 2 } }, [trial], {
      width: 100,
      colour: true,
    });
    expect(drawn.join('')).toContain('\u001B[31m2 failed');
    expect(drawn.map(stripVTControlCharacters)).toEqual(
      watchLines({ ...experiment, trials: { ...counts, failed: 2 } }, [trial], plain(100)),
    );
  });

  it('counts running trials that there is no room for', () => {
    const lines = watchLines(
      experiment,
      Array.from({ length: 20 }, () => trial),
      plain(80),
    );
    expect(lines.at(-1)).toBe('  and 4 more are running');
  });

  it('tells how a trial ended', () => {
    const bits = { metric: 'bitsPerByte', split: 'test' as const, value: 1.25 };
    expect(endedLine({ ...trial, state: 'succeeded', score: bits })).toMatch(/bitsPerByte 1\.25/);
    expect(
      endedLine({
        ...trial,
        state: 'succeeded',
        score: { metric: 'accuracy', split: 'test' as const, value: 0.8125 },
      }),
    ).toBe('succeeded  g: length=5 seed=1  accuracy 81.3 %');
    const heldOut = { metric: 'accuracy', split: 'validation' as const, value: 0.8125 };
    expect(endedLine({ ...trial, state: 'succeeded', score: heldOut })).toBe(
      'succeeded  g: length=5 seed=1  validation accuracy 81.3 %',
    );
    expect(endedLine({ ...trial, state: 'failed', why: 'diverged: loss NaN' })).toBe(
      'failed     g: length=5 seed=1  diverged: loss NaN',
    );
  });

  it('names a point in short, the seed last', () => {
    const point: CellView['point'] = {
      seed: 2,
      'method.length': 20,
      'backbone.adapt.steps': 500,
      method: { name: 'head' },
    };
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
    const issues = [
      { path: 'grids[0].seed', message: 'is missing' },
      { path: '', message: 'the file is empty' },
    ];
    const refused = Object.assign(new Error('refused\ngrids[0].seed: is missing'), {
      name: 'ApiError',
      issues,
    });
    expect(toldAs(refused)).toBe('peftgrid: refused\n  grids[0].seed: is missing\n  the file is empty\n');
    expect(plainly(refused)).toEqual({ message: 'refused', issues });
    expect(toldAs('text')).toBe('peftgrid: text\n');
  });
});
