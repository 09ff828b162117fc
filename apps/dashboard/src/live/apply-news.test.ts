import type { CellView } from '#contracts/experiment.js';
import { applyNews, merged, placesOf } from './apply-news.js';

const cell = (id: string, trialId: string): CellView => ({
  id,
  grid: 'g',
  index: 0,
  point: { seed: 1 },
  baseline: false,
  trialId,
  state: 'ready',
  reused: false,
  why: 'queued',
  step: 0,
  steps: 10,
  stepMs: null,
  summary: null,
});
const cells = [cell('a', 't1'), cell('b', 't2'), cell('c', 't1')];

describe('applyNews', () => {
  it('changes every cell of the trial and keeps the others the same objects', () => {
    const news = {
      id: 1,
      type: 'trial' as const,
      trialId: 't1',
      state: 'running' as const,
      step: 3,
      why: 'running',
    };
    const after = applyNews(cells, placesOf(cells), [news]);
    expect(after.map((c) => [c.state, c.step])).toEqual([
      ['running', 3],
      ['ready', 0],
      ['running', 3],
    ]);
    expect(after[1]).toBe(cells[1]);
    expect(cells[0]!.state).toBe('ready');
  });

  it('leaves everything alone where no cell is meant', () => {
    const news = {
      id: 1,
      type: 'trial' as const,
      trialId: 'other',
      state: 'running' as const,
      step: 3,
      why: '',
    };
    expect(applyNews(cells, placesOf(cells), [news])).toBe(cells);
  });
});

describe('merged', () => {
  it('takes what was read again, and keeps what reads as before', () => {
    const read = [cell('a', 't1'), { ...cell('b', 't2'), step: 5 }];
    const after = merged(cells, read);
    expect(after.map((c) => c.step)).toEqual([0, 5, 0]);
    expect([after[0], after[2]]).toEqual([cells[0], cells[2]]);
    expect(after[0]).toBe(cells[0]);
    expect(after[1]).toBe(read[1]);
    expect(merged(cells, [cell('a', 't1')])).toBe(cells);
    expect(merged(cells, [])).toBe(cells);
  });
});
