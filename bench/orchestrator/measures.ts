import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expand } from '#planner/expand.js';
import { parseGridFile } from '#planner/parse-grid-file.js';
import { submitExperiment } from '#db/submit.js';
import { throughOutages } from '../../apps/worker/src/outage.js';
import { type Figure, figure, quantile } from './figures.js';
import { gridOf } from './grids.js';
import { summaryOf } from '../reading/fake-training.js';
import type { FakeReport } from './messages.js';
import { resultsTwice } from './results-twice.js';
import type { QueueKind, Stack } from './stack.js';

/** How much is measured: everything, or each thing once and small. */
export interface Extent {
  many: number; // cells of the largest submission
  some: number; // cells of the usual one
  seconds: number; // of each rate
  probes: number; // of each latency
  workers: number;
}

export const whole: Extent = { many: 100_000, some: 10_000, seconds: 8, probes: 200, workers: 2_000 };
export const quick: Extent = { many: 5_000, some: 1_000, seconds: 3, probes: 30, workers: 1_000 };

let seed = 0;
/** The first of so many seeds that no grid has had. */
export const fresh = (cells: number): number => {
  const first = seed + 1;
  seed += Math.ceil(cells / 100) + 1;
  return first;
};

export async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1e3;
}

/** Submissions, each from the request to its answer. The API has read a grid of the task before. */
export async function measureSubmissions(stack: Stack, { some }: Extent): Promise<Figure[]> {
  await stack.createDatabase('empty');
  await stack.serve('empty', 'postgres');
  await stack.client.plan(gridOf(1, fresh(1)));
  const grid = gridOf(some, fresh(some));
  const empty = await secondsOf(() => stack.client.submit(grid));
  await finishAll(stack);
  const again = await secondsOf(() => stack.client.submit(grid));

  await stack.createDatabase('stale');
  await stack.serve('stale', 'postgres');
  await stack.client.submit(gridOf(some / 10, fresh(some)));
  await stack.db.pool.query('analyze');
  const stale = await secondsOf(() => stack.client.submit(gridOf(some, fresh(some))));
  return [
    figure('submit-10k-empty', empty),
    figure('submit-10k-stale', stale),
    figure('resubmit-10k', again),
  ];
}

/** Every trial has succeeded, though none has trained. */
export async function finishAll(stack: Stack): Promise<void> {
  await stack.db.pool.query(
    `update "Trial" set state = 'succeeded', summary = $1, step = steps, "finishedAt" = now()`,
    [JSON.stringify(summaryOf(0.5))],
  );
}

/** Accepted verdicts a second of one process of workers, after a second to get going. */
export async function measureRate(stack: Stack, slots: number, seconds: number): Promise<number> {
  const workers = await stack.fakeWorkers({ workers: 1, slots });
  await sleep(1_000);
  const before = await workers.report();
  const start = performance.now();
  await sleep(seconds * 1e3);
  const after = await workers.report();
  const took = (performance.now() - start) / 1e3;
  await workers.end();
  return (after.verdicts - before.verdicts) / took;
}

/** A large submission, and what claims and verdicts of workers take that are busy with others' trials
 *  meanwhile. */
export async function measureLargeSubmission(stack: Stack, { many }: Extent): Promise<Figure[]> {
  const workers = await stack.fakeWorkers({ workers: 4, slots: 1, trialMs: 20 });
  const before = await workers.report();
  const took = await secondsOf(() => stack.client.submit(gridOf(many, fresh(many))));
  const after = await workers.report();
  await workers.end();
  const [size] = (await stack.db.pool.query<{ bytes: number }>(bytesOfCells)).rows;
  const meanwhile = (of: 'claimMs' | 'verdictMs') => after[of].slice(before[of].length);
  return [
    figure('submit-100k', took),
    figure('submit-100k-claims-p95', quantile(meanwhile('claimMs'), 0.95)),
    figure('submit-100k-verdicts-p95', quantile(meanwhile('verdictMs'), 0.95)),
    figure('bytes-a-cell', size!.bytes),
  ];
}

const bytesOfCells = `select (pg_total_relation_size('"Trial"') + pg_total_relation_size('"Cell"')
  + pg_total_relation_size('"ExperimentTrial"') + pg_total_relation_size('"Dependency"'))::float8
  / (select count(*) from "Cell") bytes`;
const bytesOfPoints = `select pg_total_relation_size('"Metric"')::float8 / (select count(*) from "Metric") bytes`;

/** Milliseconds from a submission's commit to the claim of its only trial by a worker that waits. Postgres
 *  may be away for a while. */
export async function latencies(
  stack: Stack,
  probes: number,
  reports: () => Promise<FakeReport[]>,
): Promise<number[]> {
  const submitted = new Map<string, number>(); // by trial
  const patience = { log: () => {} };
  for (let probe = 0; probe < probes; probe++) {
    const request = { ...parseGridFile(gridOf(1, fresh(1), 100)), idempotencyKey: randomUUID() };
    const submission = { request, plan: expand(request), owner: 'local' };
    const { id } = await throughOutages(() => submitExperiment(stack.db, submission), patience);
    const at = performance.timeOrigin + performance.now();
    const trial = () =>
      stack.db.pool.query<{ trialId: string }>('select "trialId" from "Cell" where "experimentId" = $1', [
        id,
      ]);
    submitted.set((await throughOutages(trial, patience)).rows[0]!.trialId, at);
    await sleep(40);
  }
  for (;;) {
    const claimed = Object.assign({}, ...(await reports()).map((r) => r.claimed)) as FakeReport['claimed'];
    const known = [...submitted].filter(([id]) => id in claimed);
    if (known.length === submitted.size) return known.map(([id, at]) => claimed[id]! - at);
    await sleep(200);
  }
}

/** Nothing else waits, and a worker with a free slot listens. */
export async function measureDispatch(stack: Stack, queue: QueueKind, { probes }: Extent): Promise<Figure[]> {
  await pauseAll(stack);
  const workers = await stack.fakeWorkers({ workers: 1, slots: 2 });
  await sleep(1_000); // what was rung ahead for others is taken first
  const ms = await latencies(stack, probes, async () => [await workers.report()]);
  await workers.end();
  await resumeAll(stack);
  return [
    figure(`dispatch-${queue}-p50`, quantile(ms, 0.5)),
    figure(`dispatch-${queue}-p99`, quantile(ms, 0.99)),
  ];
}

export async function pauseAll({ client }: Stack): Promise<void> {
  for (const { id, state } of await client.experiments()) if (state === 'active') await client.pause(id);
}

export async function resumeAll({ client }: Stack): Promise<void> {
  for (const { id, state } of await client.experiments()) if (state === 'paused') await client.resume(id);
}

/** 256 trials of one process store ten points each, again and again. */
export async function measureMetrics(stack: Stack, { seconds }: Extent): Promise<Figure[]> {
  const trialMs = (seconds + 60) * 1e3;
  const workers = await stack.fakeWorkers({ workers: 1, slots: 256, trialMs, reportMs: 0, points: 10 });
  while (Object.keys((await workers.report()).claimed).length < 256) await sleep(200);
  const before = (await workers.report()).points;
  const took = await secondsOf(() => sleep(seconds * 1e3));
  const after = (await workers.report()).points;
  await workers.end();
  const [size] = (await stack.db.pool.query<{ bytes: number }>(bytesOfPoints)).rows;
  return [figure('metric-points', (after - before) / took), figure('bytes-a-point', size!.bytes)];
}

/** Workers in four processes: nine of ten are busy, hold their leases and report every five seconds; the rest
 *  are free. */
export async function measureWorkers(stack: Stack, { workers, probes, seconds }: Extent): Promise<Figure[]> {
  const lostBefore = await lostLeases(stack);
  await pauseAll(stack);
  const { id } = await stack.client.submit(gridOf(workers * 0.9, fresh(workers)));
  const common = { slots: 1, trialMs: 120_000, reportMs: 5_000, points: 10, progress: true };
  const processes = await Promise.all(
    [0, 1, 2, 3].map(() => stack.fakeWorkers({ ...common, workers: workers / 4 })),
  );
  const reports = () => Promise.all(processes.map((p) => p.report()));
  const busy = async () => (await reports()).reduce((n, r) => n + Object.keys(r.claimed).length, 0);
  while ((await busy()) < workers * 0.9) await sleep(500);
  await sleep(seconds * 1e3); // leases are renewed a few times
  const ms = await latencies(stack, Math.min(probes, workers / 10), reports);
  const figures = [
    figure('workers-2000-dispatch-p99', quantile(ms, 0.99)),
    figure('workers-2000-leases-lost', (await lostLeases(stack)) - lostBefore),
  ];
  await Promise.all(processes.map((p) => p.end()));
  await stack.client.cancel(id);
  await resumeAll(stack);
  return figures;
}

export const lostLeases = (stack: Stack): Promise<number> =>
  stack.db.prisma.attempt.count({ where: { state: 'lost' } });

/** Postgres is stopped and started again while 16 slots are busy: how long until a verdict is accepted, and
 *  whether a trial has two. */
export async function measureRestart(stack: Stack): Promise<Figure[]> {
  const workers = await stack.fakeWorkers({ workers: 4, slots: 4, trialMs: 100 });
  await sleep(3_000);
  await stack.restartPostgres();
  const { verdicts } = await workers.report();
  const took = await secondsOf(async () => {
    while ((await workers.report()).verdicts === verdicts) await sleep(20);
  });
  await sleep(2_000);
  await workers.end();
  return [figure('restart-first-verdict', took), figure('restart-results-twice', await resultsTwice(stack))];
}

/** What the rates drain, and what waits behind it. */
export async function fillQueue(stack: Stack, cells: number): Promise<void> {
  await stack.client.submit(gridOf(cells, fresh(cells)));
}
