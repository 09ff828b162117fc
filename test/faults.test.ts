import { mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CellView } from '#contracts/experiment.js';
import { animalGrid, animals, copyOfAnimals, longGrid } from './support/grids.js';
import { finished, numbersOf, reached } from './support/numbers.js';
import { descendants, isAlive, type Program } from './support/processes.js';
import { backends, Stack } from './support/stack.js';
import { until } from './support/until.js';

jest.setTimeout(300_000); // a guard against hanging: machines are busy at times

/** Whatever is killed, stopped or lost: every trial ends with the numbers of a run that nobody disturbed. */
describe.each(backends)('faults, with the queue on %s', (backend) => {
  let stack: Stack;
  let worker: Program;
  let undisturbed: string[];
  const data = mkdtempSync(join(tmpdir(), 'peftgrid-faults-'));

  beforeAll(async () => {
    stack = await Stack.start(backend);
    worker = await stack.startWorker();
    const { id } = await stack.client.submit({ name: 'undisturbed', grids: [longGrid(animals)] });
    const [cell] = await finished(stack.client, id);
    undisturbed = await numbersOf(stack.client, cell!);
  });
  afterAll(async () => {
    const left = await stack.stop();
    rmSync(data, { recursive: true, force: true });
    expect(left.processes).toEqual([]);
  });

  const trainerOf = (program: Program): number => descendants(program.pid)[0]!;

  /** Submits the same trial under another name, and disturbs it once it is in its middle. */
  async function disturbed(name: string, disturb: (cell: CellView) => Promise<void>): Promise<CellView> {
    const { client } = stack;
    const { id } = await client.submit({
      name,
      grids: [longGrid(copyOfAnimals(data, `${name}-${backend}`))],
    });
    const cell = await reached(client, id, 400);
    await disturb(cell);
    const [done] = await finished(client, id);
    expect(done!.state).toBe('succeeded');
    const numbers = await numbersOf(client, done!);
    expect(numbers.filter((line, i) => line !== undisturbed[i]).slice(0, 3)).toEqual([]);
    expect(numbers).toHaveLength(undisturbed.length);
    return done!;
  }

  const attemptsOf = async ({ trialId }: CellView): Promise<string[]> =>
    (await stack.client.trial(trialId)).attempts.map((a) => a.state);
  const crashesOf = async ({ trialId }: CellView): Promise<number> =>
    (await stack.db.prisma.trial.findUniqueOrThrow({ where: { id: trialId } })).crashes;

  it('survives the death of the trainer, which counts against the trial', async () => {
    const done = await disturbed('trainer', async () => void process.kill(trainerOf(worker), 'SIGKILL'));
    expect(await attemptsOf(done)).toEqual(['failed', 'succeeded']);
    expect(await crashesOf(done)).toBe(1);
  });

  it('survives the death of the worker, which takes its trainer along and counts against nobody', async () => {
    const done = await disturbed('worker', async () => {
      const trainer = trainerOf(worker);
      await worker.end('SIGKILL');
      await until('the trainer is gone with its worker', async () => !isAlive(trainer), 10_000);
      worker = await stack.startWorker();
      expect(readdirSync(join(stack.home, 'scratch'))).toHaveLength(1); // the dead worker's is removed
    });
    expect(await attemptsOf(done)).toEqual(['lost', 'succeeded']);
    expect(await crashesOf(done)).toBe(0);
  });

  it('survives the death of the API, while the trial goes on', async () => {
    const done = await disturbed('api', async () => {
      await stack.api.end('SIGKILL');
      await stack.startApi();
    });
    expect(await attemptsOf(done)).toEqual(['succeeded']);
  });

  it('refuses a worker that slept past its lease', async () => {
    const sleeper = worker;
    const done = await disturbed('sleeper', async (cell) => {
      sleeper.signal('SIGSTOP');
      worker = await stack.startWorker();
      await until('the trial has a second attempt', async () => (await attemptsOf(cell)).length === 2);
      sleeper.signal('SIGCONT');
      await until('the sleeper has noticed', async () => sleeper.output.includes('lost'), 20_000);
    });
    expect(await attemptsOf(done)).toEqual(['lost', 'succeeded']);
    await sleeper.end();
    expect(sleeper.exitCode).toBe(0);
  });

  it('gives a trial back when the worker is told to end', async () => {
    const done = await disturbed('sigterm', async (cell) => {
      const trainer = trainerOf(worker);
      await worker.end('SIGTERM');
      expect(worker.exitCode).toBe(0);
      expect(isAlive(trainer)).toBe(false);
      expect((await attemptsOf(cell))[0]).toBe('lost');
      expect((await stack.client.trial(cell.trialId)).state).not.toBe('running');
      worker = await stack.startWorker();
    });
    expect(await crashesOf(done)).toBe(0);
  });

  it('quarantines a trial that takes its trainer down three times, and trains the others', async () => {
    const { client } = stack;
    const poison = await client.submit({
      name: 'poison',
      priority: 1,
      grids: [longGrid(copyOfAnimals(data, `poison-${backend}`), [1], 500_000)],
    });
    const innocent = await client.submit({
      name: 'innocent',
      grids: [animalGrid(copyOfAnimals(data, `innocent-${backend}`))],
    });
    for (let fence = 1; fence <= 3; fence++) {
      const { trialId } = await until(`attempt ${fence} trains`, async () => {
        const [cell] = await client.cells(poison.id);
        const { attempts } = await client.trial(cell!.trialId);
        return (
          attempts.length === fence &&
          attempts.at(-1)!.state === 'running' &&
          cell!.why.endsWith(', training') &&
          cell
        );
      });
      process.kill(trainerOf(worker), 'SIGKILL');
      await until(
        `attempt ${fence} has failed`,
        async () => (await client.trial(trialId)).attempts[fence - 1]!.state === 'failed',
      );
    }
    const [cell] = await finished(client, poison.id);
    expect(cell).toMatchObject({ state: 'failed' });
    expect(cell!.why).toMatch(/killed: quarantined after 3 crashes.*from outside/);
    expect((await finished(client, innocent.id))[0]!.state).toBe('succeeded');
  });

  it('rebuilds a queue that was emptied', async () => {
    const { client } = stack;
    const grid = animalGrid(copyOfAnimals(data, `emptied-${backend}`), { grid: { seed: [1, 2, 3] } });
    await worker.end();
    worker = await stack.startWorker();
    const { id } = await client.submit({ name: 'emptied', grids: [grid] });
    await stack.emptyQueue();
    expect((await finished(client, id)).map((c) => c.state)).toEqual(['succeeded', 'succeeded', 'succeeded']);
  });

  it('trains once, however often the bell rings', async () => {
    const { client, db } = stack;
    const grid = (name: string) => animalGrid(copyOfAnimals(data, `${name}-${backend}`));
    const { id } = await client.submit({ name: 'rung', grids: [grid('rung')] });
    const [{ trialId }] = (await client.cells(id)) as [CellView];
    const attempt = await until('it is dispatched', () =>
      db.prisma.attempt.findFirst({ where: { trialId } }),
    );
    const job = { attempts: [{ id: attempt.id, fence: attempt.fence }] };
    await stack.ring(job, job, job);
    await finished(client, id);
    await stack.ring(job); // the first one's place in the queue is free again
    await finished(client, (await client.submit({ name: 'after', grids: [grid('after')] })).id);
    expect(await db.prisma.attempt.count({ where: { trialId } })).toBe(1);
  });

  // The queue has no part in what follows.
  if (backend === 'postgres') {
    it('starts again where the state to resume from is damaged, and says so', async () => {
      const done = await disturbed('damaged', async (cell) => {
        await until(
          'a state is kept',
          async () => (await stack.client.trial(cell.trialId)).checkpoints.length > 0,
        );
        await worker.end('SIGKILL');
        const { checkpoints } = await stack.client.trial(cell.trialId);
        for (const { hash } of checkpoints.flatMap((c) => c.files)) {
          truncateSync(join(stack.home, 'artifacts', 'sha256', hash.slice(0, 2), hash), 10);
        }
        worker = await stack.startWorker();
      });
      const told = await stack.db.pool.query(
        `select from "Event" where "trialId" = $1 and payload->>'why' ~ 'passed over'`,
        [done.trialId],
      );
      expect(told.rowCount).toBeGreaterThan(0);
    });

    it.each([
      ['keeps a trainer warm', '800', true],
      ['replaces a trainer that has grown', '1', false],
    ])('%s between gangs (by %s MB at most)', async (_what, PEFTGRID_TRAINER_GROWTH_MB, same) => {
      await worker.end();
      worker = await stack.startWorker({ PEFTGRID_TRAINER_GROWTH_MB });
      const before = trainerOf(worker);
      for (const turn of [1, 2]) {
        const name = `grown-${PEFTGRID_TRAINER_GROWTH_MB}-${turn}-${backend}`;
        const { id } = await stack.client.submit({ name, grids: [animalGrid(copyOfAnimals(data, name))] });
        expect((await finished(stack.client, id))[0]!.state).toBe('succeeded');
      }
      expect(trainerOf(worker) === before).toBe(same);
    });
  }

  it('leaves each trial one accepted result and nothing unfinished', async () => {
    const { rows } = await stack.db.pool.query<{ states: string[] }>(
      `select array_agg(a.state order by a.fence) states from "Trial" t join "Attempt" a on a."trialId" = t.id where t.state = 'succeeded' group by t.id`,
    );
    for (const { states } of rows) expect(states.filter((s) => s === 'succeeded')).toHaveLength(1);
    const open = await stack.db.prisma.attempt.count({ where: { state: { in: ['dispatched', 'running'] } } });
    expect(open).toBe(0);
  });
});
