import { Optimizer, Schedule } from '#contracts/optimizer.js';
import { learningRateAt } from './schedule.js';

const optimizer = Optimizer.parse({ name: 'sgd', learningRate: 2 });
const rates = (schedule: object, steps: number[]) =>
  steps.map((step) => learningRateAt(optimizer, Schedule.parse(schedule), step, 10));

describe('learningRateAt', () => {
  it('warms up on a line', () => {
    expect(rates({ name: 'constant', warmup: 4 }, [1, 2, 4, 5, 10])).toEqual([0.5, 1, 2, 2, 2]);
  });

  it('goes down on a line, to 0 at the last step', () => {
    expect(rates({ name: 'linear', warmup: 2 }, [2, 6, 10])).toEqual([2, 1, 0]);
  });

  it('goes down on a half cosine', () => {
    const [top, quarter, half, end] = rates({ name: 'cosine', warmup: 2 }, [2, 4, 6, 10]);
    expect(top).toBe(2);
    expect(quarter).toBeCloseTo(1 + Math.SQRT1_2, 10);
    expect(half).toBeCloseTo(1, 10);
    expect(end).toBeCloseTo(0, 10);
  });
});
