import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { CellView } from '#contracts/experiment.js';
import { eventsAfter } from '#db/events.js';
import { leaseSeconds } from '#db/leases.js';
import { animalGrid, animals, copyOfAnimals, longGrid } from './support/grids.js';
import { FaultyProxy, slowSeconds } from './support/faulty-proxy.js';
import { finished, reached } from './support/numbers.js';
import { Program } from './support/processes.js';
import { linkEngine, Stack } from './support/stack.js';
import { until } from './support/until.js';

jest.setTimeout(120_000);

/** What a worker is told, and what it refuses, with real processes. */
const cli = resolve(__dirname, '..', 'dist', 'apps', 'cli', 'src', 'main.js');
const data = mkdtempSync(join(tmpdir(), 'peftgrid-workers-'));
let stack: Stack;
let proxy: FaultyProxy;

beforeAll(async () => {
  stack = await Stack.start();
  proxy = await FaultyProxy.start(() => Number(new URL(stack.url).port));
});
afterAll(async () => {
  await proxy.stop();
  const left = await stack.stop();
  rmSync(data, { recursive: true, force: true });
  expect(left.processes).toEqual([]);
});

const attempts = async ({ trialId }: CellView) => (await stack.client.trial(trialId)).attempts;
const states = async (cell: CellView): Promise<string[]> => (await attempts(cell)).map((a) => a.state);
const gone = (worker: Program) => until('the worker has ended', async () => worker.ended);

it('drains: what trains ends, and nothing new is taken; a second signal ends that', async () => {
  const worker = await stack.startWorker({ PEFTGRID_DRAIN_S: '60' });
  const { id } = await stack.client.submit({ name: 'drained', grids: [longGrid(animals, [1, 2, 3])] });
  const first = await reached(stack.client, id, 100);
  worker.signal('SIGTERM');
  await until('it says so', async () => (await stack.client.workers())[0]?.state === 'draining');
  await gone(worker);
  expect(worker.exitCode).toBe(0);
  expect(await states(first)).toEqual(['succeeded']);
  const { trials } = await stack.client.experiment(id);
  expect(trials).toMatchObject({ succeeded: 1, running: 0 });
  expect(await stack.client.workers()).toEqual([]);

  const other = await stack.startWorker({ PEFTGRID_DRAIN_S: '60' });
  const second = await reached(stack.client, id, 100);
  other.signal('SIGTERM');
  await until('it drains', async () => other.output.includes('takes no more work'));
  other.signal('SIGTERM');
  await gone(other);
  expect(other.exitCode).toBe(0);
  expect(await states(second)).toEqual(['lost']);
  expect((await stack.client.trial(second.trialId)).why).toContain('again: the worker shut down');
  await stack.client.cancel(id);
});

it('gives a trial to a worker that has the labels that its grid requires, whoever else is free', async () => {
  const plain = await stack.startWorker();
  const grid = animalGrid(copyOfAnimals(data, 'labels'));
  const { id } = await stack.client.submit({ name: 'labels', grids: [{ ...grid, requires: ['b', 'a'] }] });
  const [cell] = await stack.client.cells(id);
  await until('it says what is missing', async () =>
    (await stack.client.trial(cell!.trialId)).why.includes('no worker has the labels that it requires: a,b'),
  );
  const labelled = await stack.startWorker({ PEFTGRID_LABELS: 'a,c,b' });
  await finished(stack.client, id);
  const [{ worker } = { worker: null }] = await attempts(cell!);
  const [own] = (await stack.client.workers()).filter(({ labels }) => labels.length > 0);
  expect(own).toMatchObject({ id: worker, labels: ['a', 'b', 'c'] });
  await Promise.all([plain.end(), labelled.end()]);
  expect([plain.exitCode, labelled.exitCode]).toEqual([0, 0]);
});

/** A worker that shares no folder with the API, and reaches its store through the proxy. */
function apart(env: Record<string, string> = {}): Promise<Program> {
  const home = mkdtempSync(join(data, 'apart-'));
  linkEngine(home);
  return stack.startWorker({ PEFTGRID_HOME: home, PEFTGRID_URL: proxy.url, ...env });
}

const crashesOf = async ({ trialId }: CellView): Promise<number> =>
  (await stack.db.prisma.trial.findUniqueOrThrow({ where: { id: trialId } })).crashes;

it('waits for a store that is away while it trains, and loses nothing', async () => {
  const worker = await apart();
  const path = copyOfAnimals(data, 'away');
  const { id } = await stack.client.submit({ name: 'away', grids: [longGrid(path, [1], 1_000)] });
  await reached(stack.client, id, 100);
  proxy.set('away');
  await until('it waits', async () => /the artifact store .* does not answer/.test(worker.output));
  proxy.set('none');
  const [cell] = await finished(stack.client, id);
  expect(await states(cell!)).toEqual(['succeeded']);
  expect(worker.output).toMatch(/the artifact store .* is back/);
  await worker.end();
});

it('waits for a store that is away before it trains, holds the trial while it is slow, and loses nothing', async () => {
  const worker = await apart({ PEFTGRID_STORE_PATIENCE_S: '20' });
  proxy.set('away');
  const { id } = await stack.client.submit({
    name: 'slow',
    grids: [animalGrid(copyOfAnimals(data, 'slow'))],
  });
  await until('it has asked again and again', async () => proxy.met >= 4);
  expect(worker.output).toMatch(/does not answer \(.*\); it is tried again for 20 s/);
  proxy.set('slow');
  const [cell] = await finished(stack.client, id);
  expect(proxy.met * slowSeconds).toBeGreaterThan(leaseSeconds); // of a lease that nobody renews
  expect([await states(cell!), await crashesOf(cell!)]).toEqual([['succeeded'], 0]);
  expect(worker.output).toMatch(/the artifact store .* is back/);
  expect(worker.output).toMatch(/the artifact store .* is slow: a call takes over 1 s/);
  proxy.set('none');
  await worker.end();
});

it('trains the next trial on the slot while what the last has left goes to a slow store', async () => {
  const worker = await apart();
  const grid = { ...animalGrid(copyOfAnimals(data, 'next')), grid: { seed: [1, 2] } };
  const { id } = await stack.client.submit({ name: 'next', grids: [grid] });
  await until('the first trial is taken', async () => worker.output.includes('took '));
  proxy.set('slow');
  const [first, second] = await finished(stack.client, id);
  proxy.set('none');
  const told = await eventsAfter(stack.db, id, 0);
  const at = ({ trialId }: CellView, state: string): number =>
    told.findIndex((e) => e.type === 'trial' && e.trialId === trialId && e.state === state);
  expect(at(second!, 'running')).toBeGreaterThan(at(first!, 'running'));
  expect(at(second!, 'running')).toBeLessThan(at(first!, 'succeeded'));
  await worker.end();
});

it.each([
  { fault: 'full', says: 'is full' },
  { fault: 'away', says: 'does not answer' }, // longer than it waits
] as const)(
  'takes no work while its store $says, gives back what it has, and goes on once that is over',
  async ({ fault, says }) => {
    const worker = await apart({ PEFTGRID_FAULT_PAUSE_S: '1', PEFTGRID_STORE_PATIENCE_S: '2' });
    proxy.set(fault);
    const { id } = await stack.client.submit({
      name: fault,
      grids: [longGrid(copyOfAnimals(data, `its-${fault}`), [1], 7)], // a result that the store has not seen
    });
    const [cell] = await stack.client.cells(id);
    await until(
      'the fault is shown, and the trial given back',
      async () => {
        const [{ fault } = { fault: null }] = await stack.client.workers();
        const own = await states(cell!);
        if (fault?.includes(says) && own.includes('lost')) return true;
        throw new Error(`its fault is ${fault}, its attempts ${own.join(', ')}; ${worker.output}`);
      },
      100_000,
    );
    proxy.set('none');
    await finished(stack.client, id);
    const [last, ...before] = (await states(cell!)).toReversed();
    expect([last, new Set(before), await crashesOf(cell!)]).toEqual(['succeeded', new Set(['lost']), 0]);
    await worker.end();
  },
);

it('refuses to start beside an API of another version, and ends where one takes over', async () => {
  const worker = await stack.startWorker();
  const { id } = await stack.client.submit({
    name: 'older',
    grids: [longGrid(copyOfAnimals(data, 'older'), [1], 50_000)],
  });
  const cell = await reached(stack.client, id, 100);
  const { version } = await stack.db.prisma.artifactStore.findUniqueOrThrow({ where: { one: true } });
  const become = (other: string) =>
    stack.db.prisma.artifactStore.update({ where: { one: true }, data: { version: other } });
  await become('9.9.9');
  const sentence = /this worker is peftgrid .*, and the API is 9\.9\.9: start a worker of the API's version/;
  await expect(stack.startWorker()).rejects.toThrow(sentence);
  await gone(worker);
  expect(worker.exitCode).toBe(1);
  expect(worker.output).toMatch(sentence);
  expect((await states(cell))[0]).toBe('lost');
  await become(version);
  await stack.client.cancel(id);
});

it('says of a join link that it has expired', async () => {
  const link = await stack.client.createJoinLink({ hours: 1 });
  await stack.db.prisma.joinLink.updateMany({ data: { expiresAt: new Date(0) } });
  const env = { PEFTGRID_HOME: stack.home, PEFTGRID_JOIN: link.url, DATABASE_URL: '' };
  await expect(Program.start('worker', [cli, 'worker'], env, 'worker ready')).rejects.toThrow(
    /this join link expired at 1970-01-01T00:00:00.000Z: make another with .\/peftgrid workers join/,
  );
});
