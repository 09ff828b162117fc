import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { scales } from '#contracts/scales.js';
import type { Metric, Summary } from '#contracts/trainer-messages.js';
import { claimAttempts, renewLease } from '#db/claim-attempts.js';
import { openDatabase } from '#db/database.js';
import { finishAttempts, giveBack } from '#db/finish-attempts.js';
import { leaseSeconds } from '#db/leases.js';
import { ingestMetrics, recordProgress } from '#db/record-progress.js';
import { forgetWorker, registerWorker, seenWorker } from '#db/workers.js';
import { openQueue } from '#queue/queue.js';
import { throughOutages } from '../../apps/worker/src/outage.js';
import { Settling } from '../../apps/worker/src/settling.js';
import type { FakeReport, FakeWork } from './messages.js';

/** Workers that train nothing, many in one process: `node fake-worker.js '{…FakeWork}'`. They take jobs,
 *  beat, renew leases, report and give verdicts as the real worker does; only the trainer is not there. Asked
 *  by any message, the process sends a FakeReport; it ends with its parent. */

const renewMs = 3_000;
const heartbeatMs = 5_000;

const summary: Summary = {
  validation: { accuracy: 0.8 },
  test: { accuracy: 0.75 },
  metrics: { accuracy: scales.accuracy },
  references: { majority: 0.5 },
  reportBy: 'accuracy',
  bestStep: 10,
  steps: 1000,
  trainableParameters: 1,
  totalParameters: 2,
  trainSeconds: 1,
  compileSeconds: 1,
  stepMs: 12,
  peakMemoryBytes: 1,
  provenance: { code: '0', library: 'none', device: 'none', dataHash: '', backboneHash: '' },
};

const log = (line: string): void => void process.stderr.write(`${line}\n`);
// comparable between processes of one machine
const now = (): number => performance.timeOrigin + performance.now();

async function main(): Promise<void> {
  const work = JSON.parse(process.argv[2]!) as FakeWork;
  const db = await openDatabase(work.databaseUrl);
  const queue = await openQueue({ databaseUrl: work.databaseUrl, redisUrl: work.redisUrl ?? undefined, log });
  const names = Array.from({ length: work.workers }, (_, i) => `${work.name}-${i}`);
  const beat = (): Promise<unknown> => Promise.all(names.map((name) => seenWorker(db, name)));
  for (const id of names) await registerWorker(db, { id, slots: work.slots, device: 'none' });
  const heart = setInterval(() => void beat().catch((error: Error) => log(error.message)), heartbeatMs);

  const ending = new AbortController();
  setMaxListeners(0, ending.signal); // one a trial
  const patience = { signal: ending.signal, log };
  const report: FakeReport = { verdicts: 0, refused: 0, points: 0, claimMs: [], verdictMs: [], claimed: {} };
  const timed = async <T>(into: number[], call: () => Promise<T>): Promise<T> => {
    const start = performance.now();
    const result = await throughOutages(call, patience);
    into.push(performance.now() - start);
    return result;
  };
  let turn = 0;
  const settling = new Settling(work.workers * work.slots);
  const listener = await queue.listen(work.workers * work.slots, async (job) => {
    const name = names[turn++ % names.length]!;
    const trials = await timed(report.claimMs, () => claimAttempts(db, job, name, leaseSeconds));
    for (const { trialId } of trials) report.claimed[trialId] = now();
    const ids = trials.map((t) => t.attemptId);
    if (ids.length === 0) return;
    const renewal = setInterval(
      () => void renewLease(db, ids, leaseSeconds).catch((error: Error) => log(error.message)),
      renewMs,
    );
    await train(ids);
    await settling.add(settle(ids).finally(() => clearInterval(renewal)), log); // prettier-ignore
  });

  async function settle(ids: string[]): Promise<void> {
    if (ending.signal.aborted) return void (await giveBack(db, ids, 'the worker shut down'));
    const refused = await timed(report.verdictMs, () =>
      finishAttempts(
        db,
        ids.map((attemptId) => ({ verdict: 'succeeded', attemptId, summary })),
      ),
    );
    report.verdicts += ids.length - refused.length;
    report.refused += refused.length;
  }

  async function waited(ms: number): Promise<void> {
    if (ms > 0) await sleep(ms, undefined, { signal: ending.signal }).catch(() => {}); // it is told to end
  }

  /** The time that a trial takes here, with what it reports meanwhile. */
  async function train(ids: string[]): Promise<void> {
    const until = performance.now() + work.trialMs;
    if (work.reportMs === null) return waited(work.trialMs);
    for (let step = 0; performance.now() < until && !ending.signal.aborted; step += work.points) {
      const began = performance.now();
      const metrics = Array.from({ length: work.points }, (_, i): Metric => ({
        name: 'loss',
        split: 'train',
        step: step + i,
        value: 1 / (step + i + 1),
      }));
      const batches = ids.map((attemptId) => ({ attemptId, metrics }));
      await throughOutages(() => ingestMetrics(db, batches), patience);
      report.points += work.points * ids.length;
      const reached = ids.map((attemptId) => ({ attemptId, step, note: 'training', stepMs: 1 }));
      if (work.progress) await throughOutages(() => recordProgress(db, reached), patience);
      await waited(Math.min(work.reportMs - (performance.now() - began), until - performance.now()));
    }
  }

  process.on('message', () => process.send!(report));
  process.on('disconnect', () => void end());
  process.send!('ready');

  async function end(): Promise<void> {
    ending.abort();
    clearInterval(heart);
    await Promise.race([listener.close().then(() => settling.all()), sleep(3_000)]);
    await Promise.all(names.map((name) => forgetWorker(db, name))).catch(() => {});
    process.exit(0);
  }
}

main().catch((error: Error) => {
  log(`a fake worker ended: ${error.message}`);
  process.exit(1);
});
