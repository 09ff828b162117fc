import type { Database } from './database.js';
import { together } from './together.js';

const db = {} as Database; // it is only told apart

function held(): { promise: Promise<void>; release(): void } {
  let release = (): void => undefined;
  const promise = new Promise<void>((resolve) => (release = resolve));
  return { promise, release };
}

it('does alone what comes first, and together what comes while it is under way', async () => {
  const first = held();
  const groups: number[][] = [];
  const double = together<number, number>(async (_db, asks) => {
    groups.push(asks);
    if (asks.includes(1)) await first.promise;
    return asks.map((n) => 2 * n);
  });
  const answers = [double(db, 1), double(db, 2), double(db, 3)];
  first.release();
  expect(await Promise.all(answers)).toEqual([2, 4, 6]);
  expect(groups).toEqual([[1], [2, 3]]);
  expect(await double({} as Database, 4)).toBe(8);
});

it('takes along what is asked for while it waits for its turn', async () => {
  const turn = held();
  const calls: number[][] = [];
  const waiting = together<number, number>(async (_db, asks, more) => {
    await turn.promise;
    asks.push(...more());
    calls.push([...asks]);
    if (asks.includes(0)) throw new Error('zero');
    return asks.map((n) => 2 * n);
  });
  const answers = [1, 2, 3].map((n) => waiting(db, n));
  turn.release();
  expect(await Promise.all(answers)).toEqual([2, 4, 6]);
  expect(calls).toEqual([[1, 2, 3]]);
  const failing = [5, 0].map((n) => waiting(db, n).catch((error: Error) => error.message));
  expect(await Promise.all(failing)).toEqual([10, 'zero']); // each by itself, and nobody joins it
  expect(calls.slice(1)).toEqual([[5, 0], [5], [0]]);
});

it('tries nothing again for each in an outage', async () => {
  const first = held();
  let calls = 0;
  const away = together<number, number>(async (_db, asks) => {
    calls++;
    if (asks.includes(0)) await first.promise;
    throw Object.assign(new Error('away'), { code: 'ECONNREFUSED' });
  });
  const answers = [0, 1, 2, 3].map((n) => away(db, n).catch((error: Error) => error.message));
  first.release();
  expect(await Promise.all(answers)).toEqual(['away', 'away', 'away', 'away']);
  expect(calls).toBe(2);
});

it('fails nobody for what another asked', async () => {
  const first = held();
  const tried: number[][] = [];
  const whole = together<number, number>(async (_db, asks) => {
    tried.push(asks);
    if (asks.includes(0)) await first.promise;
    if (asks.some((n) => n < 0)) throw new Error(`negative: ${asks.join(' ')}`);
    return asks;
  });
  const answers = [0, 1, -1, 2].map((n) => whole(db, n).catch((error: Error) => error.message));
  first.release();
  expect(await Promise.all(answers)).toEqual([0, 1, 'negative: -1', 2]);
  expect(tried).toEqual([[0], [1, -1, 2], [1], [-1], [2]]);
});
