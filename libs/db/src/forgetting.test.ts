/** What the database keeps, and what it may forget. */
import { CheckpointView } from '#contracts/experiment.js';
import { expand } from '#planner/expand.js';
import { parseGridFile } from '#planner/parse-grid-file.js';
import { claimAttempts } from './claim-attempts.js';
import { finishAttempts } from './finish-attempts.js';
import { freshDatabase } from './fixtures/fresh-database.js';
import { recordCheckpoint } from './record-checkpoint.js';
import { ingestMetrics } from './record-progress.js';
import { resultsOf } from './checkpoints.js';
import { cancelExperiment } from './cancel.js';
import type { Database } from './database.js';
import { dispatchReady } from './dispatch.js';
import { eventsAfter, latestEventId, pruneEvents } from './events.js';
import { summary } from './fixtures/summary.js';
import { healTrials } from './revive.js';
import { submitExperiment } from './submit.js';
import { curveView, experimentView, trialView } from './views.js';

let db: Database;
freshDatabase((opened) => (db = opened));

async function submitted(seeds: number[]): Promise<string> {
  const request = parseGridFile(`
name: small
backbone: { name: minilm-l6 }
task: { name: wordnet-supersense }
method: { name: prompt-tuning }
grid: { seed: ${JSON.stringify(seeds)} }
`);
  return (await submitExperiment(db, { request, plan: expand(request), owner: 'local' })).id;
}

async function claimed() {
  const jobs = await dispatchReady(db, { slots: 1 });
  const [attempt] = await claimAttempts(db, jobs[0]!, 'w', 60);
  return attempt!;
}

const loss = { name: 'loss', split: 'train' as const, step: 1, value: 2 };
const stored = { hash: 'b'.repeat(64), bytes: 3, files: [{ path: 'file', hash: 'a'.repeat(64), bytes: 3 }] };
const age = (days: number) =>
  db.pool.query(`update "Event" set "createdAt" = now() - $1 * interval '1 day'`, [days]);

it('keeps every kind of checkpoint that a trainer writes, and trains anew what lost a result', async () => {
  const experimentId = await submitted([1]);
  const { attemptId, trialId } = await claimed();
  const kinds = CheckpointView.shape.kind.options;
  for (const kind of kinds)
    expect(await recordCheckpoint(db, { attemptId, kind, step: 10, ...stored })).toBe(true);
  expect((await trialView(db, trialId))!.checkpoints.map((c) => c.kind).toSorted()).toEqual(
    [...kinds].toSorted(),
  );
  await finishAttempts(db, [{ verdict: 'succeeded', attemptId, summary }]);
  const results = await resultsOf(db, { experimentId });
  expect(results).toHaveLength(kinds.length - 1); // of a resume state nobody waits
  expect(await healTrials(db, results)).toEqual([trialId]);
  expect(await healTrials(db, results)).toEqual([]);
});

it('trains anew for an experiment that was cancelled since, which is active again', async () => {
  const experimentId = await submitted([1, 2]);
  const { attemptId, trialId } = await claimed();
  await recordCheckpoint(db, { attemptId, kind: 'adapter', step: 10, ...stored });
  await finishAttempts(db, [{ verdict: 'succeeded', attemptId, summary }]);
  await cancelExperiment(db, experimentId);
  await healTrials(db, await resultsOf(db, { trialId }));
  expect((await experimentView(db, experimentId))!.state).toBe('active');
  expect((await claimed()).trialId).toBe(trialId);
});

it('forgets old metrics and old states, and no newest state: whoever comes with any cursor hears it', async () => {
  const id = await submitted([1, 2]);
  const { attemptId, trialId } = await claimed();
  await ingestMetrics(db, [{ attemptId, metrics: [loss] }]);
  await finishAttempts(db, [{ verdict: 'succeeded', attemptId, summary }]);
  const before = await eventsAfter(db, id, 0);
  const newest = new Map(
    before.flatMap((e) => (e.type === 'metrics' ? [] : [['trialId' in e ? e.trialId : e.type, e]])),
  );
  const cursor = await latestEventId(db);
  await age(29);
  expect(await pruneEvents(db, 30)).toBe(0);
  expect(await eventsAfter(db, id, 0)).toEqual(before);

  await age(31);
  expect(await pruneEvents(db, 30)).toBe(before.length - newest.size);
  const kept = await eventsAfter(db, id, 0);
  expect(kept.toSorted((a, b) => a.id - b.id)).toEqual([...newest.values()].toSorted((a, b) => a.id - b.id));
  for (const { id: at } of before)
    expect(await eventsAfter(db, id, at)).toEqual(kept.filter((e) => e.id > at));
  expect((await curveView(db, trialId))!.metrics).toEqual([loss]);
  expect(await pruneEvents(db, 30)).toBe(0);

  const next = await claimed();
  await ingestMetrics(db, [{ attemptId: next.attemptId, metrics: [loss] }]);
  const young = await eventsAfter(db, id, cursor);
  expect(young.map((e) => e.type)).toContain('metrics');
  await pruneEvents(db, 30);
  expect(await eventsAfter(db, id, cursor)).toEqual(young);
});
