import { setTimeout as after } from 'node:timers/promises';
import { Phases } from './phases.js';

describe('phases', () => {
  it('add up what came in turns, and leave no time out', async () => {
    const start = performance.now();
    const phases = new Phases();
    for (const phase of ['training', 'validation', 'training', 'test'] as const) {
      phases.enter(phase);
      await after(2);
    }
    const { seconds } = phases;
    const whole = (performance.now() - start) / 1e3;
    expect(Object.keys(seconds)).toEqual(['loading', 'training', 'validation', 'test']);
    const sum = Object.values(seconds).reduce((a, b) => a + b, 0);
    expect(sum).toBeLessThanOrEqual(whole);
    expect(whole - sum).toBeLessThan(whole / 2); // all but what this test itself does
    expect(phases.seconds.training).toBe(seconds.training);
  });
});
