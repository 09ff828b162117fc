import { expand } from '#planner/expand.js';
import { parseGridFile } from '#planner/parse-grid-file.js';
import { cellViews } from './cells.js';
import { claimAttempts } from './claim-attempts.js';
import type { Database } from './database.js';
import { dispatchReady, recallStranded, unrung } from './dispatch.js';
import { finishAttempts } from './finish-attempts.js';
import { freshDatabase } from './fixtures/fresh-database.js';
import { summary } from './fixtures/summary.js';
import { submitExperiment } from './submit.js';
import { trialView } from './views.js';
import { commonQueue } from './worker-queue.js';
import { forgetWorker, openSlots, registerWorker } from './workers.js';

let db: Database;
freshDatabase((opened) => (db = opened));

const base = `
backbone: { name: minilm-l6 }
task: { name: wordnet-supersense }
method: { name: prompt-tuning }`;
const plain = `name: plain${base}\ngrid: { seed: [1, 2, 3] }`;
const large = `name: large${base}\nrequires: [cuda, a100]\ngrid: { seed: [11, 12] }`;

async function submit(text: string): Promise<string> {
  const request = parseGridFile(text, 'both');
  return (await submitExperiment(db, { request, plan: expand(request), owner: 'local' })).id;
}

/** Seeds of the trials that each kind of worker is handed, as a round of the dispatcher does. */
async function round(): Promise<Record<string, unknown[]>> {
  const handed: Record<string, unknown[]> = {};
  for (const { labels, queue, slots } of await openSlots(db, () => 0)) {
    const jobs = await dispatchReady(db, { slots, labels, queue });
    const attempts = jobs.flatMap((job) => job.attempts.map(({ id }) => id));
    const rows = await db.prisma.attempt.findMany({
      where: { id: { in: attempts } },
      include: { trial: true },
    });
    const seeds = rows.map(({ trial }) => (trial.config as { seed: number }).seed);
    handed[labels.join(' ')] = seeds.toSorted((a, b) => a - b);
  }
  return handed;
}

const worker = (id: string, slots: number, ...labels: string[]) =>
  registerWorker(db, { id, slots, device: 'none', labels });

it('hands what requires labels to workers that have them all, and to them first', async () => {
  await submit(`${plain}\n---\n${large}`);
  await worker('bare', 2);
  await worker('half', 1, 'cuda');
  await worker('full', 2, 'b', 'a100', 'cuda');
  expect(await round()).toEqual({ '': [1, 2], cuda: [3], 'a100 b cuda': [11, 12] });
});

it('lets workers with labels have what requires none', async () => {
  await submit(plain);
  await worker('full', 4, 'a100');
  expect(await round()).toEqual({ a100: [1, 2, 3] });
});

it('says of a trial which labels no worker has, until one has them', async () => {
  const id = await submit(large);
  await worker('bare', 2);
  expect(await round()).toEqual({ '': [] });
  const lacks = 'no worker has the labels that it requires: a100,cuda';
  const why = async () => (await cellViews(db, id))[0]!.why;
  expect(await why()).toContain(lacks);
  const [cell] = await cellViews(db, id);
  expect((await trialView(db, cell!.trialId))!.why).toContain(lacks);
  await worker('full', 1, 'cuda', 'a100');
  expect(await why()).not.toContain(lacks);
});

it('asks it of what such trials wait for, too, and of nothing else', async () => {
  await submit(`
name: adapted
backbone: { name: t5-nano, adapt: { steps: 500 } }
task: { name: wordnet-supersense, train: 1000 }
method: { name: prompt-tuning }
requires: [big]`);
  const needs = await db.prisma.experimentTrial.findMany({ select: { requires: true } });
  expect(needs).toEqual([{ requires: 'big' }, { requires: 'big' }]);
  await submit(plain);
  expect(await db.prisma.experiment.findMany({ select: { requirements: true } })).toEqual(
    expect.arrayContaining([{ requirements: ['big'] }, { requirements: [''] }]),
  );
});

it('changes no trial: a cell that requires labels is the cell that requires none', () => {
  const keys = (text: string) => expand(parseGridFile(text)).cells.map((cell) => cell.trialKey);
  expect(keys(`${plain}\nrequires: [cuda]`)).toEqual(keys(plain));
});

it('takes back what was handed to workers of whose kind none is left', async () => {
  await submit(plain);
  await worker('full', 1, 'a100');
  await round();
  await forgetWorker(db, 'full');
  expect(await recallStranded(db)).toEqual([]); // nobody else is there
  await worker('bare', 3);
  expect(await recallStranded(db)).toHaveLength(1);
  expect(await round()).toEqual({ '': [1, 2, 3] });
  expect(await unrung(db)).toMatchObject([{ queue: 'trials' }]);
});

it.each([
  ['requires: cuda', 'grids[0].requires'],
  ['requires: ["a b"]', 'grids[0].requires[0]'],
])('refuses %s with its place', (line, place) => {
  expect(() => parseGridFile(`${plain}\n${line}`)).toThrow(place);
});

it('makes up what is rung ahead in one round, once half of it is taken', async () => {
  await submit(`name: many${base}\ngrid: { seed: [1, 2, 3, 4, 5, 6, 7, 8] }`);
  await worker('one', 1);
  const open = async (): Promise<number> => (await openSlots(db, () => 4))[0]!.slots;
  expect(await open()).toBe(5); // one for the slot, and four ahead
  const jobs = await dispatchReady(db, { slots: 5 });
  const left: number[] = [await open()];
  for (const job of jobs.slice(0, 3)) {
    const [{ attemptId } = { attemptId: '' }] = await claimAttempts(db, job, 'one', 60);
    left.push(await open());
    await finishAttempts(db, [{ verdict: 'succeeded', attemptId, summary }]);
    left.push(await open());
  }
  expect(left).toEqual([0, 0, 0, 0, 0, 0, 3]);
});

it('rings ahead in each queue what that one takes', async () => {
  await worker('quick', 1);
  await worker('long', 1, 'a100');
  const kinds = await openSlots(db, (queue) => (queue === commonQueue ? 4 : 1));
  expect(kinds.map(({ labels, slots }) => [labels.join(), slots])).toEqual([
    ['', 5],
    ['a100', 2],
  ]);
});
