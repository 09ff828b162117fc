import { lengthBucket, promptBucket } from './buckets.js';

describe('buckets', () => {
  it('hold what they are for, and waste at most a third of it', () => {
    for (let n = 1; n <= 2000; n++) {
      expect(lengthBucket(n)).toBeGreaterThanOrEqual(n);
      if (n > 8) expect(n / lengthBucket(n)).toBeGreaterThan(2 / 3 - 0.11);
      expect(promptBucket(n) - n).toBeLessThan(4);
      expect(promptBucket(n)).toBeGreaterThanOrEqual(n);
    }
  });

  it('are few', () => {
    const lengths = new Set(Array.from({ length: 512 }, (_, i) => lengthBucket(i + 1)));
    expect([...lengths]).toEqual([8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512]);
  });
});
