import { SharedReads } from './shared-reads.js';

it('gives everybody what was true when they asked, or later, with few reads', async () => {
  const reads = new SharedReads();
  let [truth, work, most, running] = [0, 0, 0, 0];
  const read = async (): Promise<number> => {
    work++;
    most = Math.max(most, ++running);
    const seen = truth;
    await new Promise((resolve) => setTimeout(resolve, 5));
    running--;
    return seen;
  };
  const asked = Array.from({ length: 400 }, async (_, i) => {
    await new Promise((resolve) => setTimeout(resolve, i / 4));
    const before = ++truth;
    expect(await reads.read('x', read)).toBeGreaterThanOrEqual(before);
  });
  await Promise.all(asked);
  expect(most).toBe(1);
  expect(work).toBeLessThan(100);
});

it('lets those that come after a failure read again, and keys apart', async () => {
  const reads = new SharedReads();
  await expect(reads.read('x', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
  expect(await Promise.all([reads.read('x', async () => 1), reads.read('y', async () => 2)])).toEqual([1, 2]);
});
