import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from '#contracts/client.js';
import type { ExperimentView } from '#contracts/experiment.js';
import { type Figure, figure, quantile } from './figures.js';
import { gridOf } from './grids.js';
import {
  type Extent,
  finishAll,
  fresh,
  latencies,
  lostLeases,
  pauseAll,
  resumeAll,
  secondsOf,
} from './measures.js';
import { resultsTwice } from './results-twice.js';
import type { QueueKind, Stack } from './stack.js';

const againMs = 100; // between tries of what Postgres was away for

/** The measurements of the others, undisturbed where they are short, and with Postgres killed and started
 *  again in their middle; and what was lost, is wrong or is there twice. */
export async function measureRestarts(stack: Stack, extent: Extent): Promise<Figure[]> {
  const figures: Figure[] = [...(await submissionsThrough(stack, extent))];
  figures.push(...(await ratesThrough(stack, 'postgres', extent)));
  figures.push(...(await dispatchThrough(stack, extent)));
  figures.push(...(await metricsThrough(stack, extent)));
  figures.push(...(await workersThrough(stack, extent)));
  const twice = await resultsTwice(stack);
  figures.push(...(await readingThrough(stack, extent)));
  await stack.createDatabase('redis');
  await stack.serve('redis', 'redis');
  await stack.client.submit(gridOf(3 * extent.some, fresh(3 * extent.some)));
  figures.push(...(await ratesThrough(stack, 'redis', extent)));
  figures.push(figure('restart-results-twice', twice + (await resultsTwice(stack))));
  return figures;
}

/** In `seconds` Postgres goes, and comes back at once. */
async function restartAfter(stack: Stack, seconds: number): Promise<void> {
  await sleep(seconds * 1e3);
  await stack.restartPostgres();
}

/** All new, all done already, and many. */
async function submissionsThrough(stack: Stack, { some, many }: Extent): Promise<Figure[]> {
  await stack.createDatabase('restarted');
  await stack.serve('restarted', 'postgres');
  await stack.client.plan(gridOf(1, fresh(1))); // so that the task is read
  const undisturbed = await secondsOf(() => stack.client.submit(gridOf(some, fresh(some))));
  const first = fresh(some);
  const anew = await submittedThrough(stack, { cells: some, first, restartAfter: undisturbed / 2 });
  await finishAll(stack);
  const again = await submittedThrough(stack, { cells: some, first, restartAfter: undisturbed / 2 });
  const large = { cells: many, first: fresh(many), restartAfter: (undisturbed * many) / some / 2 };
  const lots = await submittedThrough(stack, large);
  return [
    figure('submit-10k-empty', undisturbed),
    figure('submit-10k-restart', anew.seconds),
    figure('resubmit-10k-restart', again.seconds),
    figure('submit-100k-restart', lots.seconds),
    figure('restart-cells-wrong', anew.wrong + again.wrong + lots.wrong),
  ];
}

/** `wrong`: cells that are missing, or are there more than once. */
async function submittedThrough(
  stack: Stack,
  submission: { cells: number; first: number; restartAfter: number },
): Promise<{ seconds: number; wrong: number }> {
  const { cells, first } = submission;
  const count = () => stack.db.prisma.cell.count();
  const before = await count();
  const key = { idempotencyKey: `through a restart, ${before}` };
  const grid = JSON.stringify({ ...JSON.parse(gridOf(cells, first)), ...key });
  const restarted = restartAfter(stack, submission.restartAfter);
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

/** Accepted verdicts a second of 16 slots. */
async function ratesThrough(stack: Stack, queue: QueueKind, { seconds }: Extent): Promise<Figure[]> {
  const workers = await stack.fakeWorkers({ workers: 1, slots: 16 });
  const done = () => stack.db.prisma.trial.count({ where: { state: 'succeeded' } });
  const accepted = async () => (await workers.report()).verdicts;
  const rateOf = async (work: () => Promise<unknown>): Promise<number> => {
    const from = await accepted();
    const took = await secondsOf(work);
    return ((await accepted()) - from) / took;
  };
  const doneBefore = (await done()) - (await accepted());
  await sleep(1_000);
  const before = await rateOf(() => sleep(seconds * 1e3));
  const through = await rateOf(() => Promise.all([sleep(seconds * 1e3), restartAfter(stack, seconds / 2)]));
  await sleep(2_000);
  const verdicts = await accepted();
  const there = (await done()) - doneBefore;
  await workers.end();
  return [
    figure(`trials-${queue}-16`, before),
    figure(`trials-${queue}-16-restart`, through),
    figure(`restart-verdicts-lost-${queue}`, Math.max(0, verdicts - there)),
  ];
}

/** Every trial of a row is claimed in the end, or this does not end. */
async function dispatchThrough(stack: Stack, { probes }: Extent): Promise<Figure[]> {
  await pauseAll(stack);
  const workers = await stack.fakeWorkers({ workers: 1, slots: 2 });
  const [ms] = await Promise.all([
    latencies(stack, probes, async () => [await workers.report()]),
    restartAfter(stack, (probes * 0.05) / 2),
  ]);
  await workers.end();
  await resumeAll(stack);
  return [
    figure('dispatch-restart-p50', quantile(ms, 0.5)),
    figure('dispatch-restart-most', Math.max(...ms)),
  ];
}

/** 256 trials of one process store ten points each, again and again. */
async function metricsThrough(stack: Stack, { seconds }: Extent): Promise<Figure[]> {
  const stored = () => stack.db.prisma.metric.count();
  const before = await stored();
  const trialMs = (seconds + 60) * 1e3;
  const workers = await stack.fakeWorkers({ workers: 1, slots: 256, trialMs, reportMs: 0, points: 10 });
  while (Object.keys((await workers.report()).claimed).length < 256) await sleep(200);
  const from = (await workers.report()).points;
  const took = await secondsOf(() => Promise.all([sleep(seconds * 1e3), restartAfter(stack, seconds / 2)]));
  const points = (await workers.report()).points;
  const there = (await stored()) - before;
  await workers.end();
  return [
    figure('metric-points-restart', (points - from) / took),
    figure('restart-points-lost', Math.max(0, points - there)),
  ];
}

/** Nine of ten are busy, hold their leases and report every five seconds. */
async function workersThrough(stack: Stack, { workers, seconds }: Extent): Promise<Figure[]> {
  const before = await lostLeases(stack);
  await pauseAll(stack);
  const { id } = await stack.client.submit(gridOf(workers * 0.9, fresh(workers)));
  const common = { slots: 1, trialMs: 120_000, reportMs: 5_000, points: 10, progress: true };
  const processes = await Promise.all(
    [0, 1, 2, 3].map(() => stack.fakeWorkers({ ...common, workers: workers / 4 })),
  );
  const busy = async () => {
    const reports = await Promise.all(processes.map((p) => p.report()));
    return reports.reduce((n, r) => n + Object.keys(r.claimed).length, 0);
  };
  while ((await busy()) < workers * 0.9) await sleep(500);
  await restartAfter(stack, seconds / 2);
  await sleep(15_000); // leases are renewed a few times, or run out
  const lost = (await lostLeases(stack)) - before;
  await Promise.all(processes.map((p) => p.end()));
  await stack.client.cancel(id);
  await resumeAll(stack);
  return [figure('workers-2000-restart-leases-lost', lost)];
}

/** Pages of 1,000 finished cells and their table, asked for again and again. An answer that is not what it
 *  was before is wrong; none while Postgres is away is not. */
async function readingThrough(stack: Stack, { some, seconds }: Extent): Promise<Figure[]> {
  await stack.createDatabase('read');
  await stack.serve('read', 'postgres');
  const { id } = await stack.client.submit(gridOf(some, fresh(some)));
  await finishAll(stack);
  const asks = [
    async () => JSON.stringify((await stack.client.cellsPage(id)).cells),
    async () => JSON.stringify(await stack.client.table(id)),
  ];
  const right = [await asks[0]!(), await asks[1]!()];
  let [wrong, longest, answered] = [0, 0, performance.now()];
  const until = performance.now() + seconds * 1e3;
  const restarted = restartAfter(stack, seconds / 2);
  for (let i = 0; performance.now() < until; i++) {
    const answer = await asks[i % 2]!().catch((error: unknown) => {
      if (error instanceof ApiError && error.status !== 503) throw error;
      return null;
    });
    if (answer === null) {
      await sleep(againMs);
      continue;
    }
    if (answer !== right[i % 2]) wrong++;
    longest = Math.max(longest, performance.now() - answered);
    answered = performance.now();
  }
  await restarted;
  return [figure('restart-answers-wrong', wrong), figure('restart-answers-away', longest / 1e3)];
}
