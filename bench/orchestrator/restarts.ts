import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from '#contracts/client.js';
import type { ExperimentView } from '#contracts/experiment.js';
import { type Figure, figure } from './figures.js';
import { gridOf } from './grids.js';
import { type Extent, secondsOf } from './measures.js';
import { resultsTwice } from './results-twice.js';
import type { Stack } from './stack.js';

const againMs = 100; // between tries of a submission that Postgres was away for

/** A submission and the rate of 16 slots, each undisturbed and with Postgres killed and started again in its
 *  middle; and what was lost or is there twice. */
export async function measureRestarts(stack: Stack, { some, seconds }: Extent): Promise<Figure[]> {
  await stack.createDatabase('restarted');
  await stack.serve('restarted', 'postgres');
  await stack.client.plan(gridOf(1, 1)); // so that the task is read
  const undisturbed = await secondsOf(() => stack.client.submit(gridOf(some, 1)));
  const submission = await submissionThrough(stack, some, (undisturbed / 2) * 1e3);
  const rates = await ratesThrough(stack, seconds);
  return [
    figure('submit-10k-empty', undisturbed),
    figure('submit-10k-restart', submission.seconds),
    figure('restart-cells-wrong', submission.wrong),
    figure('trials-postgres-16', rates.before),
    figure('trials-postgres-16-restart', rates.through),
    figure('restart-verdicts-lost', rates.lost),
    figure('restart-results-twice', await resultsTwice(stack)),
  ];
}

/** `wrong`: cells that are missing, or are there more than once. */
async function submissionThrough(
  stack: Stack,
  cells: number,
  afterMs: number,
): Promise<{ seconds: number; wrong: number }> {
  const count = () => stack.db.prisma.cell.count();
  const before = await count();
  const key = { idempotencyKey: 'through a restart' };
  const grid = JSON.stringify({ ...JSON.parse(gridOf(cells, 1_000_000)), ...key });
  const restarted = sleep(afterMs).then(() => stack.restartPostgres());
  const seconds = await secondsOf(() => submitAgain(stack, grid));
  await restarted;
  return { seconds, wrong: Math.abs((await count()) - before - cells) };
}

/** As a client does that knows no answer: the key makes it the same submission. */
async function submitAgain(stack: Stack, grid: string): Promise<ExperimentView> {
  for (;;) {
    try {
      return await stack.client.submit(grid);
    } catch (error) {
      if (error instanceof ApiError && error.status < 500) throw error;
      await sleep(againMs);
    }
  }
}

/** Accepted verdicts a second. `lost`: verdicts that were accepted and are not there. */
async function ratesThrough(
  stack: Stack,
  seconds: number,
): Promise<{ before: number; through: number; lost: number }> {
  const workers = await stack.fakeWorkers({ workers: 1, slots: 16 });
  const accepted = async () => (await workers.report()).verdicts;
  const rateOf = async (work: () => Promise<unknown>): Promise<number> => {
    const from = await accepted();
    const took = await secondsOf(work);
    return ((await accepted()) - from) / took;
  };
  await sleep(1_000);
  const before = await rateOf(() => sleep(seconds * 1e3));
  const through = await rateOf(async () => {
    const rest = sleep(seconds * 1e3);
    await sleep((seconds / 2) * 1e3);
    await stack.restartPostgres();
    await rest;
  });
  await sleep(2_000);
  const verdicts = await accepted();
  const there = await stack.db.prisma.trial.count({ where: { state: 'succeeded' } });
  await workers.end();
  return { before, through, lost: Math.max(0, verdicts - there) };
}
