import { expand } from '#planner/expand.js';
import { parseGridFile } from '#planner/parse-grid-file.js';
import { claimAttempts, renewLease } from './claim-attempts.js';
import { finishAttempts, giveBack } from './finish-attempts.js';
import { freshDatabase } from './fixtures/fresh-database.js';
import { recordCheckpoint } from './record-checkpoint.js';
import { ingestMetrics, recordProgress } from './record-progress.js';
import { cancelExperiment, pauseExperiment, resumeExperiment, retryTrial } from './cancel.js';
import type { Database } from './database.js';
import { dispatchReady, markRung, unrung } from './dispatch.js';
import { eventsAfter } from './events.js';
import { expireLeases } from './leases.js';
import { planView } from './plan-view.js';
import { submitExperiment } from './submit.js';
import { cellViews } from './cells.js';
import { curveView, experimentView, experimentViews, trialView } from './views.js';
import { openSlots, registerWorker } from './workers.js';
import { summary } from './fixtures/summary.js';

let db: Database;
freshDatabase((opened) => (db = opened));

const file = (more: string, name = 'small'): string => `
name: ${name}
backbone: { name: minilm-l6 }
task: { name: wordnet-supersense }
method: { name: prompt-tuning }
${more}`;
const adaptation = `
name: lm-adaptation
backbone: { name: t5-nano }
task: { name: wordnet-supersense, train: 1000 }
method: { name: prompt-tuning, init: class-labels }
grid: { backbone.adapt.steps: [500, 1000], method.length: [1, 5] }
`;

async function submit(
  text: string,
  more: { owner?: string; priority?: number; idempotencyKey?: string } = {},
) {
  const { owner = 'local', ...rest } = more;
  const request = { ...parseGridFile(text), ...rest };
  return submitExperiment(db, { request, plan: expand(request), owner });
}

const succeeded = (attemptId: string) => ({ verdict: 'succeeded' as const, attemptId, summary });
const failed = (attemptId: string, cause: 'diverged' | 'error', message = 'loss NaN') => ({
  verdict: 'failed' as const,
  attemptId,
  cause,
  message,
});
const files = [{ path: 'model.safetensors', hash: 'a'.repeat(64), bytes: 3 }];
const stored = { hash: 'b'.repeat(64), bytes: 3, files };

async function claimNext(slots = 1) {
  const jobs = await dispatchReady(db, { slots });
  return (await Promise.all(jobs.map((job) => claimAttempts(db, job, 'w1', 10)))).flat();
}

describe('a trial', () => {
  it('is dispatched, claimed once, recorded and finished; its experiment with it', async () => {
    const { id } = await submit(file('grid: { seed: [1] }'));
    const [job] = await dispatchReady(db, { slots: 5 });
    expect(await unrung(db)).toEqual([{ queue: 'trials', jobs: [job] }]);
    await markRung(db, [job!]);
    expect(await unrung(db)).toEqual([]);
    expect(await unrung(db, -1)).toEqual([{ queue: 'trials', jobs: [job] }]);
    const claims = await Promise.all([claimAttempts(db, job!, 'w1', 10), claimAttempts(db, job!, 'w2', 10)]);
    expect(claims.flat()).toHaveLength(1);
    const { attemptId, trialId } = claims.flat()[0]!;
    const loss = { name: 'loss', split: 'train' as const, step: 1, value: 2 };
    expect(
      await ingestMetrics(db, [
        { attemptId, metrics: [loss, { ...loss, value: 1.5 }, { ...loss, step: 2, value: Number.NaN }] },
      ]),
    ).toEqual([]);
    expect(await recordProgress(db, [{ attemptId, step: 10, note: 'training', stepMs: 12 }])).toEqual([]);
    for (const step of [5, 6, 7])
      expect(await recordCheckpoint(db, { attemptId, kind: 'resume', step, ...stored })).toBe(true);
    expect((await trialView(db, trialId))!.checkpoints.map((c) => c.step)).toEqual([6, 7]);
    expect(await recordCheckpoint(db, { attemptId, kind: 'adapter', step: 1000, ...stored })).toBe(true);
    expect(await finishAttempts(db, [succeeded(attemptId)])).toEqual([]);
    expect(await finishAttempts(db, [failed(attemptId, 'error')])).toEqual([attemptId]);
    expect((await curveView(db, trialId))!.metrics).toEqual([{ ...loss, value: 1.5 }]);
    expect(await experimentView(db, id)).toMatchObject({
      state: 'finished',
      cells: 1,
      reused: 0,
      trials: { succeeded: 1, running: 0 },
    });
    expect((await trialView(db, trialId))!.checkpoints.map((c) => c.kind)).toEqual(['adapter']);
    const events = await eventsAfter(db, id, 0);
    expect(events.flatMap((e) => (e.type === 'trial' ? [e.state] : [e.type]))).toEqual([
      'experiment',
      'dispatched',
      'running',
      'metrics',
      'running',
      'succeeded',
      'experiment',
    ]);
  });

  it('refuses every write of an attempt whose lease has run out', async () => {
    await submit(file('grid: { seed: [1] }'));
    const jobs = await dispatchReady(db, { slots: 1 });
    const [old] = await claimAttempts(db, jobs[0]!, 'w1', -1);
    expect(await expireLeases(db)).toEqual([old!.trialId]);
    expect(await expireLeases(db)).toEqual([]);
    const [next] = await claimNext();
    expect(next).toMatchObject({ trialId: old!.trialId, fence: 2 });
    const { attemptId } = old!;
    expect(
      await ingestMetrics(db, [
        { attemptId, metrics: [{ name: 'loss', split: 'train', step: 1, value: 1 }] },
      ]),
    ).toEqual([attemptId]);
    expect(await recordProgress(db, [{ attemptId, step: 1, note: '', stepMs: null }])).toEqual([attemptId]);
    expect(await recordCheckpoint(db, { attemptId, kind: 'resume', step: 1, ...stored })).toBe(false);
    expect(await finishAttempts(db, [succeeded(attemptId)])).toEqual([attemptId]);
    expect(await giveBack(db, [attemptId], 'late')).toEqual([attemptId]);
    expect(await renewLease(db, [attemptId, next!.attemptId], 10)).toEqual({
      lost: [attemptId],
      cancelled: [],
    });
    expect(await claimAttempts(db, jobs[0]!, 'w1', 10)).toEqual([]);
    expect((await trialView(db, old!.trialId))!.attempts.map((a) => a.state)).toEqual(['lost', 'running']);
    expect(await finishAttempts(db, [succeeded(next!.attemptId)])).toEqual([]);
  });

  it('is tried three times when it crashes, once when it diverges, and again when asked', async () => {
    const { id } = await submit(file('grid: { seed: [1, 2] }'));
    const [first, second] = await claimNext(2);
    await finishAttempts(db, [
      failed(first!.attemptId, 'diverged', 'loss NaN at step 12'),
      failed(second!.attemptId, 'error', 'boom'),
    ]);
    for (const _ of [2, 3])
      await finishAttempts(db, [failed((await claimNext())[0]!.attemptId, 'error', 'boom')]);
    expect((await cellViews(db, id)).map((c) => c.why)).toEqual([
      'diverged: loss NaN at step 12',
      'error: quarantined after 3 crashes: boom',
    ]);
    expect((await experimentView(db, id))!.state).toBe('finished');
    expect(await retryTrial(db, first!.trialId)).toEqual({ applied: true, state: 'ready' });
    expect((await experimentView(db, id))!.state).toBe('active');
  });
});

describe('dependencies', () => {
  it('release at their step, and fail when what they wait for does', async () => {
    const { id } = await submit(adaptation);
    expect((await cellViews(db, id))[0]!.why).toMatch(
      /^waits for step 500 of adaptation [0-9a-f]{8}… \(which is ready\)$/,
    );
    const [adapt, ...none] = await claimNext(5);
    expect(none).toEqual([]);
    const { attemptId } = adapt!;
    await recordProgress(db, [{ attemptId, step: 120, note: 'training', stepMs: null }]);
    expect((await cellViews(db, id))[0]!.why).toMatch(
      /^waits for step 500 of adaptation .*… \(at step 120 of 1000\)$/,
    );
    await recordCheckpoint(db, { attemptId, kind: 'backbone', step: 500, ...stored });
    const [tune, other] = await claimNext(5);
    expect(tune!.backbone).toEqual({ step: 500, hash: stored.hash, files });
    await finishAttempts(db, [
      failed(attemptId, 'diverged'),
      succeeded(tune!.attemptId),
      succeeded(other!.attemptId),
    ]);
    const cells = await cellViews(db, id);
    expect(cells.map((c) => c.state)).toEqual(['succeeded', 'succeeded', 'failed', 'failed']);
    expect(cells[2]!.why).toMatch(
      /^dependency: step 1000 of adaptation .* will not come: it failed: loss NaN$/,
    );
    expect((await experimentView(db, id))!.state).toBe('finished');
    await retryTrial(db, cells[2]!.trialId);
    expect((await cellViews(db, id)).map((c) => c.state)).toEqual([
      'succeeded',
      'succeeded',
      'blocked',
      'blocked',
    ]);
    expect((await claimNext(5))[0]!.config.stage).toBe('adapt');
  });

  it("release what starts from another trial's parameters when that one has succeeded, with its backbone and its adapter", async () => {
    const { id } = await submit(`
name: transfer
backbone: { name: t5-nano, adapt: { steps: 500 } }
task: { name: wordnet-supersense, train: 1000 }
method: { name: prompt-tuning }
training: { steps: 100 }
from: { task: { name: wordnet-supersense, train: 2000 }, training: { steps: 50 } }
grid: { seed: [1, 2] }`);
    const [adapt] = await claimNext(5);
    await recordCheckpoint(db, { attemptId: adapt!.attemptId, kind: 'backbone', step: 500, ...stored });
    const why = async (cell: number) => (await cellViews(db, id))[cell]!.why;
    expect(await why(0)).toMatch(/^waits for step 50 of tuning [0-9a-f]{8}… \(which is ready\)$/);
    const sources = await claimNext(5);
    expect(sources.map((s) => [s.config.stage === 'tune' && s.config.task, s.steps, s.source])).toEqual(
      [1, 2].map(() => [expect.objectContaining({ train: 2000 }), 50, null]),
    );
    const [first, second] = sources;
    const adapter = { ...stored, hash: 'c'.repeat(64) };
    await recordCheckpoint(db, { attemptId: first!.attemptId, kind: 'adapter', step: 30, ...adapter });
    expect(await claimNext(5)).toEqual([]); // it may still be tested again
    await finishAttempts(db, [succeeded(first!.attemptId)]);
    const [target, ...none] = await claimNext(5);
    expect(none).toEqual([]);
    expect(target).toMatchObject({
      source: { step: 30, hash: adapter.hash },
      backbone: { step: 500, hash: stored.hash },
      steps: 100,
    });
    expect((await trialView(db, target!.trialId))!.waitsFor).toEqual([
      { trialId: first!.trialId, kind: 'adapter', step: 50, met: true },
      { trialId: adapt!.trialId, kind: 'backbone', step: 500, met: true },
    ]);
    await finishAttempts(db, [failed(second!.attemptId, 'diverged')]);
    const lost = (await cellViews(db, id)).find((c) => c.state === 'failed')!;
    expect(lost.why).toMatch(/^dependency: step 50 of tuning .* will not come: it failed: loss NaN$/);
  });
});

describe('an evaluation', () => {
  it('is released when all that it asks is there, and gets the adapter of each seed', async () => {
    const { id } = await submit(
      file('grid: { seed: [4, 2], evaluate: [null, { ensemble: {} }] }', 'ensemble'),
    );
    const why = async () => (await cellViews(db, id)).find(({ point }) => !('seed' in point))!.why;
    const members = await claimNext(5);
    expect(members).toHaveLength(2);
    for (const [i, { attemptId }] of members.entries()) {
      expect(await why()).toMatch(/^waits for step \d+ of tuning/);
      const adapter = { ...stored, hash: String(i).repeat(64) };
      await recordCheckpoint(db, { attemptId, kind: 'adapter', step: 10, ...adapter });
      await finishAttempts(db, [succeeded(attemptId)]);
    }
    const [asking] = await claimNext(5);
    expect(asking).toMatchObject({ steps: 0, config: { stage: 'evaluate' } });
    const seeds = members.map(({ config }) => config.stage === 'tune' && config.seed);
    const expected = seeds.map((seed, i) => ({ seed, hash: String(i).repeat(64) }));
    expect(asking!.evaluated.map(({ seed, hash }) => ({ seed, hash }))).toEqual(
      expect.arrayContaining(expected),
    );
    expect(asking!.evaluated).toHaveLength(2);
    await finishAttempts(db, [succeeded(asking!.attemptId)]);
    expect(await why()).toBe('finished');
  });
});

describe('submission', () => {
  it('is idempotent and joins equal trials, also when two come at once', async () => {
    const grid = file('grid: { seed: [1, 2, 3, 4, 5] }');
    const twice = await Promise.all([
      submit(grid, { idempotencyKey: 'k' }),
      submit(grid, { idempotencyKey: 'k' }),
    ]);
    expect(new Set(twice.map((s) => s.id)).size).toBe(1);
    expect(twice.filter((s) => s.created)).toHaveLength(1);
    await Promise.all([submit(grid), submit(file('grid: { seed: [5, 4, 3, 2, 1] }', 'other'))]);
    expect(await db.prisma.trial.count()).toBe(5);
    const done = await claimNext(10);
    await finishAttempts(
      db,
      done.map((d) => succeeded(d.attemptId)),
    );
    expect((await experimentViews(db)).map((e) => e.state)).toEqual(['finished', 'finished', 'finished']);
    const again = await submit(grid);
    expect(await experimentView(db, again.id)).toMatchObject({ state: 'finished', reused: 5 });
    const request = parseGridFile(file('grid: { seed: [5, 6] }'));
    expect(await planView(db, expand(request))).toMatchObject({
      cells: 2,
      trials: 2,
      reused: 1,
      estimatedSeconds: 12,
    });
  });
});

describe('dispatch', () => {
  it('never hands a trial out twice', async () => {
    await submit(
      file('grid: { method.length: [1, 5], seed: [1, 2, 3] }\nbaselines: [ { method: { name: full } } ]'),
    );
    const rounds = await Promise.all(Array.from({ length: 4 }, () => dispatchReady(db, { slots: 3 })));
    const attempts = rounds.flat().flatMap((job) => job.attempts.map((a) => a.id));
    expect(attempts).toHaveLength(9);
    expect(new Set(attempts).size).toBe(9);
  });

  it('goes by priority, then takes turns between owners', async () => {
    await submit(file('grid: { seed: [1, 2, 3] }'), { owner: 'ann' });
    await submit(file('grid: { seed: [11, 12] }'), { owner: 'bob' });
    await submit(file('grid: { seed: [21] }'), { owner: 'ann', priority: 5 });
    await registerWorker(db, { id: 'w1', slots: 3, device: 'cpu' });
    expect(await openSlots(db)).toMatchObject([{ slots: 4 }]);
    const seeds: unknown[] = [];
    for (let i = 0; i < 6; i++)
      for (const { config } of await claimNext()) seeds.push(config.stage === 'tune' && config.seed);
    expect(seeds).toEqual([21, 11, 1, 12, 2, 3]);
    expect(await openSlots(db)).toMatchObject([{ slots: 0 }]);
  });
});

describe('cancel and pause', () => {
  it('stops what nobody else wants', async () => {
    const mine = await submit(file('grid: { seed: [1, 2, 3] }'));
    const [running] = await claimNext();
    const [job] = await dispatchReady(db, { slots: 1 });
    const other = await submit(file('grid: { seed: [3] }', 'other'));
    expect(await cancelExperiment(db, mine.id)).toEqual({ applied: true, state: 'cancelled' });
    expect(await cancelExperiment(db, mine.id)).toEqual({ applied: false, state: 'cancelled' });
    expect(await claimAttempts(db, job!, 'w1', 10)).toEqual([]);
    const { attemptId } = running!;
    expect((await renewLease(db, [attemptId], 10)).cancelled).toEqual([attemptId]);
    const race = await Promise.all([
      finishAttempts(db, [succeeded(attemptId)]),
      finishAttempts(db, [{ verdict: 'cancelled', attemptId }]),
    ]);
    expect(race.flat()).toEqual([attemptId]);
    const cells = await cellViews(db, mine.id);
    expect(['succeeded', 'cancelled']).toContain(cells[0]!.state);
    expect(cells.slice(1).map((c) => c.state)).toEqual(['cancelled', 'ready']);
    await finishAttempts(db, [succeeded((await claimNext())[0]!.attemptId)]);
    expect((await experimentView(db, other.id))!.state).toBe('finished');
  });

  it('pauses dispatch and goes on', async () => {
    const { id } = await submit(file('grid: { seed: [1, 2] }'));
    const [job] = await dispatchReady(db, { slots: 1 });
    await pauseExperiment(db, id);
    expect(await claimAttempts(db, job!, 'w1', 10)).toEqual([]);
    expect(await dispatchReady(db, { slots: 5 })).toEqual([]);
    expect((await cellViews(db, id))[0]!.why).toMatch(/^paused with its experiment/);
    await resumeExperiment(db, id);
    expect(await claimNext(5)).toHaveLength(2);
  });
});
