import { setTimeout as sleep } from 'node:timers/promises';
import { expand } from '#planner/expand.js';
import { parseGridFile } from '#planner/parse-grid-file.js';
import { claimAttempts, joinMates } from './claim-attempts.js';
import { finishAttempts, giveBack } from './finish-attempts.js';
import { freshDatabase } from './fixtures/fresh-database.js';
import { recordCheckpoint } from './record-checkpoint.js';
import { ingestMetrics } from './record-progress.js';
import { cancelExperiment, pauseExperiment, resumeExperiment, retryTrial } from './cancel.js';
import { resultsOf } from './checkpoints.js';
import { type Database, openDatabase } from './database.js';
import { dispatchReady } from './dispatch.js';
import { eventsAfter } from './events.js';
import { expireLeases } from './leases.js';
import { healTrials } from './revive.js';
import { submitExperiment } from './submit.js';
import { transition } from './transition.js';
import { cellViews } from './cells.js';
import { experimentView, experimentViews } from './views.js';

let db: Database;
const server = freshDatabase((opened) => (db = opened));

const tuning = (seeds: number[]): string => `
name: tuning
backbone: { name: t5-nano }
task: { name: wordnet-supersense }
method: { name: prompt-tuning }
grid: { backbone.adapt.steps: [0, 500, 1000], method.length: [1, 5], seed: ${JSON.stringify(seeds)} }
`;

async function submit(text: string): Promise<string> {
  const request = parseGridFile(text);
  return (await submitExperiment(db, { request, plan: expand(request), owner: 'local' })).id;
}

/** mulberry32: the same sequence for the same seed. */
function random(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** What must hold whatever has happened, as queries for what breaks it. */
const broken: Readonly<Record<string, string>> = {
  'a trial under way has not exactly its newest attempt alive': `select t.id from "Trial" t where t.state in ('dispatched', 'running') and not exists (
     select from "Attempt" a where a."trialId" = t.id and a.fence = t.fence and a.state = t.state)`,
  'an attempt is alive whose trial is not': `select a.id from "Attempt" a join "Trial" t on t.id = a."trialId"
     where a.state in ('dispatched', 'running') and (t.state <> a.state or t.fence <> a.fence)`,
  'two results were accepted': `select "trialId" from "Attempt" where state = 'succeeded' group by 1 having count(*) > 1`,
  'a result and its state disagree': `select id from "Trial" where (state = 'succeeded') <> (summary is not null)`,
  'a ready trial lacks a checkpoint': `select t.id from "Trial" t join "Dependency" d on d."trialId" = t.id where t.state in ('ready', 'dispatched')
     and not exists (select from "Checkpoint" c where c."trialId" = d."dependsOnId" and c.step = d.step and c.kind = 'backbone')`,
  'a blocked trial waits for what cannot come': `select t.id from "Trial" t where t.state = 'blocked' and not exists (
     select from "Dependency" d join "Trial" p on p.id = d."dependsOnId" where d."trialId" = t.id and p.state in ('blocked', 'ready', 'dispatched', 'running')
     and not exists (select from "Checkpoint" c where c."trialId" = p.id and c.step = d.step and c.kind = 'backbone'))`,
  'a finished experiment has something to run': `select e.id from "Experiment" e join "ExperimentTrial" et on et."experimentId" = e.id
     join "Trial" t on t.id = et."trialId" where e.state = 'finished' and t.state in ('blocked', 'ready', 'dispatched', 'running')`,
  'an active experiment has nothing to run': `select e.id from "Experiment" e where e.state in ('active', 'paused') and not exists (select from "ExperimentTrial" et
     join "Trial" t on t.id = et."trialId" where et."experimentId" = e.id and t.state in ('blocked', 'ready', 'dispatched', 'running'))`,
  'an experiment has noted another state': `select t.id from "ExperimentTrial" et join "Trial" t on t.id = et."trialId"
     where (et.ready, et.open) is distinct from (t.state = 'ready', t.state in ('blocked', 'ready', 'dispatched', 'running'))`,
  'something waits that nobody wants': `select t.id from "Trial" t where t.state in ('blocked', 'ready', 'dispatched') and not exists (select from "ExperimentTrial" et
     join "Experiment" e on e.id = et."experimentId" where et."trialId" = t.id and e.state in ('active', 'paused'))`,
};

const healed = new Set<string>(); // trials that succeed again, since what they had ended with was lost

async function expectSound(): Promise<void> {
  for (const [what, sql] of Object.entries(broken)) {
    const { rows } = await db.pool.query<{ trialId?: string }>(sql);
    expect({ what, rows: rows.filter(({ trialId = '' }) => !healed.has(trialId)) }).toEqual({
      what,
      rows: [],
    });
  }
}

const summary = { stepMs: 1 } as never; // the database does not look inside
const stored = { hash: 'b'.repeat(64), bytes: 1, files: [] };

describe('the states', () => {
  it.each([1, 2, 3, 4])(
    'stay sound under random transitions from two sides at once (seed %i)',
    async (seed) => {
      const next = random(seed);
      const pick = <T>(from: T[]): T | undefined => from[Math.floor(next() * from.length)];
      const held: string[] = []; // attempts, stale ones among them
      const claim = async (worker: string, sizes: number[]): Promise<void> => {
        const jobs = await dispatchReady(db, { slots: 2 });
        for (const job of jobs)
          for (const c of await claimAttempts(db, job, worker, pick([-1, 60])!)) {
            const lease = { worker, seconds: pick([-1, 60])! };
            const mates = await joinMates(db, c.attemptId, { sizes, mayDiffer: [] }, lease);
            held.push(...[c, ...mates].map((trial) => trial.attemptId));
          }
      };
      const one = async (): Promise<string> =>
        pick((await experimentViews(db)).map((e) => e.id)) ?? submit(tuning([1]));
      const actions: (() => Promise<unknown>)[] = [
        () => submit(tuning([1 + Math.floor(next() * 3)])),
        () => claim('w1', []),
        () => claim('w3', [2, 3]),
        () => expireLeases(db),
        () =>
          finishAttempts(
            db,
            held.slice(-2).map((attemptId) => ({ verdict: 'succeeded', attemptId, summary })),
          ),
        () =>
          finishAttempts(db, [
            {
              verdict: 'failed',
              attemptId: pick(held) ?? crypto.randomUUID(),
              cause: pick(['error', 'diverged'] as const)!,
              message: 'x',
            },
          ]),
        () => finishAttempts(db, [{ verdict: 'cancelled', attemptId: pick(held) ?? crypto.randomUUID() }]),
        () =>
          recordCheckpoint(db, {
            attemptId: held.at(-1) ?? crypto.randomUUID(),
            kind: 'backbone',
            step: pick([500, 1000])!,
            ...stored,
          }),
        () => giveBack(db, held.slice(-1), 'tired'),
        async () => {
          const results = await resultsOf(db, { experimentId: await one() });
          const lost = results.filter(() => next() < 0.5);
          for (const id of await healTrials(db, lost)) healed.add(id);
        },
        async () => cancelExperiment(db, await one()),
        async () => pauseExperiment(db, await one()),
        async () => resumeExperiment(db, await one()),
        async () =>
          retryTrial(
            db,
            pick((await db.pool.query<{ id: string }>('select id from "Trial" order by key')).rows)?.id ??
              crypto.randomUUID(),
          ),
      ];
      for (let round = 0; round < 60; round++) {
        await Promise.all([pick(actions)!(), pick(actions)!()]);
        await expectSound();
      }
    },
    60_000,
  );
});

it('a retry revives nothing that only a cancelled experiment had asked for', async () => {
  const [first, second] = [await submit(tuning([1])), await submit(tuning([2]))]; // they share an adaptation
  for (let fails = 0; ; fails++) {
    const jobs = await dispatchReady(db, { slots: 20 });
    const claimed = (await Promise.all(jobs.map((job) => claimAttempts(db, job, 'w', 60)))).flat();
    const adapting = claimed.find(({ config }) => config.stage === 'adapt');
    if (adapting) {
      const { attemptId } = adapting;
      await finishAttempts(db, [{ verdict: 'failed', attemptId, cause: 'diverged', message: 'loss NaN' }]);
      break;
    }
    expect(fails).toBeLessThan(20);
  }
  await cancelExperiment(db, second);
  const { rows } = await db.pool.query<{ id: string; experimentId: string }>(
    `select t.id, et."experimentId" from "Trial" t join "ExperimentTrial" et on et."trialId" = t.id where t.cause = 'dependency'`,
  );
  const of = (id: string) => rows.find(({ experimentId }) => experimentId === id)!.id;
  await retryTrial(db, of(first));
  await expectSound();
  const states = await db.pool.query('select state from "Trial" where id = $1', [of(second)]);
  expect(states.rows).toEqual([{ state: 'failed' }]);
});

describe('eventsAfter', () => {
  it('misses and repeats nothing while many write', async () => {
    const id = await submit(tuning([1, 2, 3]));
    const jobs = await dispatchReady(db, { slots: 6 });
    const attempts = (await Promise.all(jobs.map((job) => claimAttempts(db, job, 'w', 60)))).flat();
    let writing = true;
    const writers = attempts.map(async ({ attemptId }) => {
      for (let step = 0; step < 40; step++)
        await ingestMetrics(db, [
          { attemptId, metrics: [{ name: 'loss', split: 'train', step, value: step }] },
        ]);
    });
    const seen: number[] = [];
    const reading = (async () => {
      for (let last = false; !last;) {
        last = !writing;
        for (;;) {
          const events = await eventsAfter(db, id, seen.at(-1) ?? 0, 7);
          seen.push(...events.map((e) => e.id));
          if (events.length === 0) break;
        }
      }
    })();
    await Promise.all(writers);
    writing = false;
    await reading;
    expect(seen).toEqual((await eventsAfter(db, id, 0, 10_000)).map((e) => e.id));
    expect(seen.length).toBeGreaterThan(40 * attempts.length);
  }, 60_000);
});

it('tells of an experiment’s end after every trial of it, however their verdicts come together', async () => {
  const id = await submit(`name: three
backbone: { name: minilm-l6 }
task: { name: wordnet-supersense }
method: { name: head }
grid: { seed: [1, 2, 3] }`);
  const jobs = await dispatchReady(db, { slots: 3 });
  const claimed = await Promise.all(jobs.map((job) => claimAttempts(db, job, 'w', 10)));
  const [a, b, c] = claimed.flat().map(({ attemptId }) => attemptId);
  const succeeded = { verdict: 'succeeded' as const, summary };
  const failed = { verdict: 'failed' as const, cause: 'diverged' as const, message: 'loss NaN' };
  const verdicts = [
    { ...succeeded, attemptId: a! },
    { ...failed, attemptId: b! },
    { ...succeeded, attemptId: c! },
  ];
  expect(await finishAttempts(db, verdicts)).toEqual([]);
  const told = (await eventsAfter(db, id, 0)).slice(-4);
  const trials = told.slice(0, 3).map((e) => (e.type === 'trial' ? e.state : e.type));
  expect(trials.toSorted()).toEqual(['failed', 'succeeded', 'succeeded']);
  expect(told.at(-1)).toMatchObject({ type: 'experiment', state: 'finished' });
});

it('makes in one turn what is asked for while another process has its turn', async () => {
  await submit(`name: four
backbone: { name: minilm-l6 }
task: { name: wordnet-supersense }
method: { name: head }
grid: { seed: [1, 2, 3, 4] }`);
  const [first, ...others] = await dispatchReady(db, { slots: 4 });
  const [claimed] = await claimAttempts(db, first!, 'w', 10);
  let done = (): void => undefined;
  const other = await openDatabase(server.url);
  const theirs = transition(other, () => new Promise<void>((resolve) => (done = resolve)));
  const asked: Promise<unknown>[] = [];
  const ask = async (change: () => Promise<unknown>): Promise<void> => {
    asked.push(change());
    await sleep(50); // each comes when the one before waits already
  };
  await sleep(50);
  for (const job of others.slice(0, 2)) await ask(() => claimAttempts(db, job, 'w', 10));
  await ask(() => finishAttempts(db, [{ verdict: 'succeeded', attemptId: claimed!.attemptId, summary }]));
  await ask(() => claimAttempts(db, others[2]!, 'w', 10));
  done();
  await Promise.all([theirs, ...asked]);
  const { rows } = await db.pool.query(
    'select xmin::text as by, array_agg(state::text order by state::text) states from "Attempt" group by 1',
  );
  expect(rows).toEqual([{ by: expect.any(String), states: ['running', 'running', 'running', 'succeeded'] }]);
  await other.close();
});

describe('a grid of 10,000 cells', () => {
  it('is submitted whole, dispatched in part and cancelled', async () => {
    const many = Array.from({ length: 10_000 }, (_, i) => i);
    const text = `name: big\nbackbone: { name: minilm-l6 }\ntask: { name: wordnet-supersense }\nmethod: { name: head }\ngrid: { seed: ${JSON.stringify(many)} }`;
    const request = parseGridFile(text);
    const plan = expand(request);
    const took: Record<string, number> = {};
    const timed = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
      const start = performance.now();
      const result = await work();
      took[what] = Math.round(performance.now() - start);
      return result;
    };
    const { id } = await timed('submit', () => submitExperiment(db, { request, plan, owner: 'local' }));
    const jobs = await timed('dispatch', () => dispatchReady(db, { slots: 4 }));
    const [bell] = await timed('claim', () => claimAttempts(db, jobs[0]!, 'w', 60));
    const mates = await timed('join', () =>
      joinMates(db, bell!.attemptId, { sizes: [4], mayDiffer: [] }, { worker: 'w', seconds: 60 }),
    );
    const claimed = [bell!, ...mates];
    expect(claimed).toHaveLength(4);
    await timed('finish', () =>
      finishAttempts(
        db,
        claimed.map(({ attemptId }) => ({ verdict: 'succeeded', attemptId, summary })),
      ),
    );
    expect((await timed('view', () => experimentView(db, id)))!.trials).toMatchObject({
      ready: 9993,
      succeeded: 4,
      dispatched: 3,
    });
    expect(await timed('cells', () => cellViews(db, id))).toHaveLength(10_000);
    await timed('submit again', () => submitExperiment(db, { request, plan, owner: 'local' }));
    await timed('cancel', () => cancelExperiment(db, id));
    console.info('10,000 cells, ms:', JSON.stringify(took));
  }, 120_000);
});

it('is not held up for long by a process that froze in the middle of a transition', async () => {
  let thaw = (): void => undefined;
  let begun = (): void => undefined;
  const inside = new Promise<void>((resolve) => (begun = resolve));
  const other = await openDatabase(server.url); // of another process, in effect
  const frozen = transition(other, async (tx) => {
    begun();
    await new Promise<void>((resolve) => (thaw = resolve));
    await tx.query('select 1');
  });
  frozen.catch(() => undefined);
  await inside;
  const [{ one }] = (await transition(db, (tx) => tx.query<{ one: number }>('select 1 one'))).rows as [
    { one: number },
  ];
  expect(one).toBe(1);
  thaw();
  await expect(frozen).rejects.toThrow(/terminat|connection|queryable/i);
  await other.close();
}, 60_000);
