import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '#db/database.js';
import { registerWorker } from '#db/workers.js';
import { trainDispatched } from './fake-training.js';
import { openViewers } from './viewers.js';

const rounds = 4;
const sideMs = 4_000; // twice the time between two frames to 500 live views; 16 s a side in all rounds
const restMs = 1_000; // for what viewers cost while they come and go

const sides = ['alone', 'live', 'each'] as const;
type Side = (typeof sides)[number];

/** A side's trials a second by those of the same round without viewers: the geometric mean of all rounds,
 *  and the ends. */
export interface Ratio {
  middle: number;
  least: number;
  most: number;
}

export interface Race {
  rates: Record<Side, number[]>; // trials a second, by round
  live: Ratio;
  each: Ratio;
}

/** How many trials of one experiment are dispatched and ended a second: without viewers, with so many live
 *  views of it, and with as many that are told each event. Rounds go through the three sides in turn, each
 *  second one backwards, so that a machine that gets slower favours none. Throws where the experiment runs
 *  out of trials. */
export async function race(db: Database, url: string, experimentId: string, viewers: number): Promise<Race> {
  await registerWorker(db, { id: 'bench', slots: 16, device: 'none' });
  const rates: Race['rates'] = { alone: [], live: [], each: [] };
  await rate(db); // what is slow at first is no side's
  for (let round = 0; round < rounds; round++)
    for (const side of round % 2 ? sides.toReversed() : sides) {
      const open = side === 'alone' ? null : await openViewers(url, experimentId, viewers, side);
      await sleep(restMs);
      rates[side].push(await rate(db));
      await open?.close();
      await sleep(restMs);
    }
  if (!(await db.prisma.experimentTrial.findFirst({ where: { experimentId, ready: true } })))
    throw new Error('the experiment that is watched ran out of trials; give it more');
  return { rates, live: ratio(rates.live, rates.alone), each: ratio(rates.each, rates.alone) };
}

/** Trials a second that are dispatched to a worker that ends each at once. */
async function rate(db: Database): Promise<number> {
  await trainDispatched(db);
  const from = performance.now();
  let done = 0;
  while (performance.now() - from < sideMs) {
    const some = await trainDispatched(db);
    done += some;
    if (some === 0) await sleep(2);
    await db.prisma.worker.update({ where: { id: 'bench' }, data: { seenAt: new Date() } });
  }
  if (done === 0) throw new Error('no trial was dispatched, so that there is nothing to compare');
  return done / ((performance.now() - from) / 1e3);
}

function ratio(rates: readonly number[], alone: readonly number[]): Ratio {
  const pairs = rates.map((own, round) => own / alone[round]!);
  const middle = Math.exp(pairs.reduce((sum, pair) => sum + Math.log(pair), 0) / pairs.length);
  return { middle, least: Math.min(...pairs), most: Math.max(...pairs) };
}
