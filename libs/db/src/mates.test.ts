import { expand } from '#planner/expand.js';
import { parseGridFile } from '#planner/parse-grid-file.js';
import { claimAttempts, type ClaimedTrial, joinMates, renewLease } from './claim-attempts.js';
import { pauseExperiment } from './cancel.js';
import type { Database } from './database.js';
import { dispatchReady } from './dispatch.js';
import { finishAttempts, giveBack } from './finish-attempts.js';
import { freshDatabase } from './fixtures/fresh-database.js';
import { submitExperiment } from './submit.js';
import { experimentView } from './views.js';
import { registerWorker } from './workers.js';
import { summary } from './fixtures/summary.js';

let db: Database;
freshDatabase((opened) => (db = opened));

const file = (more: string, name = 'small'): string => `
name: ${name}
backbone: { name: minilm-l6 }
task: { name: wordnet-supersense }
method: { name: prompt-tuning }
${more}`;

async function submit(text: string, more: { priority?: number } = {}) {
  const request = { ...parseGridFile(text), ...more };
  return submitExperiment(db, { request, plan: expand(request), owner: 'local' });
}

async function claimNext(slots = 1) {
  const jobs = await dispatchReady(db, { slots });
  return (await Promise.all(jobs.map((job) => claimAttempts(db, job, 'w1', 10)))).flat();
}

const succeeded = (attemptId: string) => ({ verdict: 'succeeded' as const, attemptId, summary });

describe('a worker that takes mates along', () => {
  const lease = { worker: 'w1', seconds: 10 };
  const mates = { sizes: [2, 4], mayDiffer: ['init'] };
  const chosen = (trials: readonly ClaimedTrial[]) =>
    trials.map(({ config }) => {
      if (config.stage !== 'tune' || config.method.name !== 'prompt-tuning') return [];
      return [config.method.length, config.method.init, config.seed];
    });

  it('gets those of equal size that share a step, in one job, as many as a size asks for', async () => {
    await registerWorker(db, { id: 'w1', slots: 1, device: 'cpu' });
    const { id } = await submit(
      file('grid: { method.length: [1, 5], method.init: [random, class-labels], seed: [1, 2] }'),
    );
    const [bell] = await claimNext();
    expect(chosen([bell!])).toEqual([[1, 'random', 1]]);
    const joined = await joinMates(db, bell!.attemptId, mates, lease);
    expect(chosen(joined)).toEqual([
      [1, 'random', 2],
      [1, 'class-labels', 1],
      [1, 'class-labels', 2],
    ]);
    const { rows } = await db.pool.query(
      'select count(distinct "jobId")::int jobs, count(*)::int n from "Attempt"',
    );
    expect(rows).toEqual([{ jobs: 1, n: 4 }]);
    expect((await experimentView(db, id))!.trials).toMatchObject({ running: 4, ready: 4 });
    expect(await joinMates(db, bell!.attemptId, mates, lease)).toEqual([]); // none of its size is left
    const ids = [bell!, ...joined].map((trial) => trial.attemptId);
    expect(await renewLease(db, ids, 10)).toEqual({ lost: [], cancelled: [] });
    expect(await finishAttempts(db, ids.map(succeeded))).toEqual([]);
  });

  it('leaves to other slots their share, and to whom is more urgent the next turn', async () => {
    await registerWorker(db, { id: 'w1', slots: 3, device: 'cpu' });
    await submit(file('grid: { seed: [1, 2, 3, 4, 5, 6, 7] }'));
    const [bell] = await claimNext();
    // six wait for three slots
    expect(await joinMates(db, bell!.attemptId, { ...mates, sizes: [4] }, lease)).toEqual([]);
    expect(chosen(await joinMates(db, bell!.attemptId, mates, lease))).toHaveLength(1);
    const urgent = await submit(file('grid: { seed: [21] }', 'urgent'), { priority: 5 });
    expect(await joinMates(db, bell!.attemptId, mates, lease)).toEqual([]);
    await pauseExperiment(db, urgent.id);
    expect(await joinMates(db, bell!.attemptId, mates, lease)).toHaveLength(1);
  });

  it('gets none of those that have crashed, and none once it has lost its own', async () => {
    await submit(file('grid: { seed: [1, 2] }'));
    const [first, second] = await claimNext(2);
    await finishAttempts(db, [
      { verdict: 'failed', attemptId: first!.attemptId, cause: 'error', message: 'x' },
    ]);
    expect(await joinMates(db, second!.attemptId, mates, lease)).toEqual([]);
    await giveBack(db, [second!.attemptId], 'tired');
    const [crashed] = await claimNext();
    expect(crashed!.trialId).toBe(first!.trialId);
    expect(await joinMates(db, crashed!.attemptId, mates, lease)).toEqual([]);
    expect(await joinMates(db, second!.attemptId, mates, lease)).toEqual([]);
  });
});
