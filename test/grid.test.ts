import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiError } from '#contracts/client.js';
import type { CellView, ExperimentEvent } from '#contracts/experiment.js';
import { Pace } from '../apps/worker/src/gangs/pace.js';
import {
  adaptationGrid,
  animalGrid,
  animals,
  askingGrid,
  copyOfAnimals,
  longGrid,
  transferGrid,
} from './support/grids.js';
import { finished, reached } from './support/numbers.js';
import { backends, Stack } from './support/stack.js';
import { until } from './support/until.js';

jest.setTimeout(300_000); // a guard against hanging: machines are busy at times

const tolerance = 2e-4; // between a loss in a gang and alone, as in libs/training/src/gang/sharing.test.ts

/** A grid's way from submission to numbers, through the client, the API, the queue and a worker, as
 *  processes. */
describe.each(backends)('a grid, with its queue on %s', (backend) => {
  let stack: Stack;
  const data = mkdtempSync(join(tmpdir(), 'peftgrid-data-'));
  beforeAll(async () => {
    stack = await Stack.start(backend);
    await stack.startWorker();
  });
  afterAll(async () => {
    const left = await stack.stop();
    rmSync(data, { recursive: true, force: true });
    expect(left.processes).toEqual([]);
  });

  it('becomes numbers, and the same grid again trains nothing', async () => {
    const { client, db } = stack;
    const grid = animalGrid(animals, { grid: { 'method.length': [1, 3], seed: [1, 2] } });
    const { id } = await client.submit({ name: 'numbers', grids: [grid] });
    const cells = await finished(client, id);
    expect(cells.map((c) => c.point)).toEqual([
      { 'method.length': 1, seed: 1 },
      { 'method.length': 1, seed: 2 },
      { 'method.length': 3, seed: 1 },
      { 'method.length': 3, seed: 2 },
    ]);
    for (const cell of cells) {
      expect(cell).toMatchObject({ state: 'succeeded', step: 40, steps: 40, reused: false });
      expect(cell.summary!.test['accuracy']).toBeGreaterThanOrEqual(0);
      expect(cell.summary!.trainableParameters).toBe(16 * (cell.point['method.length'] as number));
      const { metrics } = await client.curve(cell.trialId);
      expect(metrics.some((m) => m.name === 'loss' && m.split === 'train')).toBe(true);
      expect(
        metrics.filter((m) => m.name === 'accuracy' && m.split === 'validation').map((m) => m.step),
      ).toEqual([10, 20, 30, 40]);
    }
    const attempts = await db.prisma.attempt.count();
    const again = await client.submit({ name: 'again', grids: [grid] });
    expect(again).toMatchObject({ reused: 4, state: 'finished' });
    expect((await finished(client, again.id)).map((c) => c.summary)).toEqual(cells.map((c) => c.summary));
    expect(await db.prisma.attempt.count()).toBe(attempts);
  });

  it('is joined while it trains', async () => {
    const { client, db } = stack;
    const grid = longGrid(copyOfAnimals(data, 'joined'));
    const first = await client.submit({ name: 'first', grids: [grid] });
    const cell = await reached(client, first.id, 1);
    const second = await client.submit({ name: 'second', grids: [grid] });
    expect((await client.cells(second.id))[0]!.trialId).toBe(cell.trialId);
    await client.cancel(first.id); // the second still wants it
    const [joined] = await finished(client, second.id);
    expect(joined!.state).toBe('succeeded');
    expect(await db.prisma.attempt.count({ where: { trialId: cell.trialId } })).toBe(1);
  });

  it('pretrains, adapts and tunes, each trial as soon as its checkpoint is there', async () => {
    const { client } = stack;
    const { id } = await client.submit({ name: 'stages', grids: [adaptationGrid(animals)] });
    const cells = await finished(client, id);
    expect(cells.map((c) => c.state)).toEqual(['succeeded', 'succeeded']);
    const [early, late] = await Promise.all(cells.map((c) => client.trial(c.trialId)));
    const adapting = await client.trial(early!.waitsFor[0]!.trialId);
    expect(late!.waitsFor[0]!.trialId).toBe(adapting.id);
    expect(adapting.checkpoints.filter((c) => c.kind === 'backbone').map((c) => c.step)).toEqual([10, 300]);
    const pretraining = await client.trial(adapting.waitsFor[0]!.trialId);
    expect(pretraining.checkpoints.filter((c) => c.kind === 'backbone').map((c) => c.step)).toEqual([20]);
    expect(cells[0]!.summary!.provenance.backboneHash).not.toBe(cells[1]!.summary!.provenance.backboneHash);
  });

  it("starts trials from what others ended with, each seed from its own mixture's", async () => {
    const { client } = stack;
    const { id } = await client.submit({ name: 'transfer', grids: [transferGrid(animals)] });
    const cells = await finished(client, id);
    expect(cells.map((c) => c.state)).toEqual(cells.map(() => 'succeeded'));
    const curves = await Promise.all(cells.map((c) => client.curve(c.trialId)));
    expect(curves[2]!.metrics).not.toEqual(curves[0]!.metrics);
    const sources = await Promise.all(
      cells
        .slice(2)
        .map(async ({ trialId }) => client.trial((await client.trial(trialId)).waitsFor[0]!.trialId)),
    );
    expect(sources.map((s) => s.config)).toMatchObject(
      [1, 2].map((seed) => ({ seed, task: { name: 'mixture' } })),
    );
    for (const { summary, steps } of sources) {
      expect(steps).toBe(20);
      const names = ['accuracy', 'animals/accuracy', 'animals/f1', 'f1', 'few/accuracy', 'few/f1'];
      expect(Object.keys(summary!.test).toSorted()).toEqual(names);
    }
  });

  it('asks what it has trained another task, and several of its trials together', async () => {
    const { client, db } = stack;
    const { id } = await client.submit({ name: 'asked', grids: [askingGrid(animals)] });
    const cells = await finished(client, id);
    expect(cells.map((c) => [c.state, c.steps])).toEqual(
      [40, 40, 40, 0, 0, 0, 0].map((steps) => ['succeeded', steps]),
    );
    const ensemble = cells[6]!;
    expect(ensemble.point).not.toHaveProperty('seed');
    const accuracies = cells.slice(0, 3).map((c) => c.summary!.test['accuracy']!);
    expect(ensemble.summary!.test['members-best/accuracy']).toBe(Math.max(...accuracies));
    const { waitsFor } = await client.trial(ensemble.trialId);
    expect(waitsFor.map((w) => w.trialId).toSorted()).toEqual(
      cells
        .slice(0, 3)
        .map((c) => c.trialId)
        .toSorted(),
    );
    const page = await client.predictions(cells[3]!.trialId, {});
    expect(page.predictions[0]!.input[0]).toMatch(/^animal: /);
    const attempts = await db.prisma.attempt.count();
    expect(await client.submit({ name: 'asked again', grids: [askingGrid(animals)] })).toMatchObject({
      reused: 7,
    });
    expect(await db.prisma.attempt.count()).toBe(attempts);
  });

  it('has as many trials in a step as its worker has measured to pay, with the same losses', async () => {
    const { client } = stack;
    const grid = (name: string, seeds: number[]) =>
      animalGrid(copyOfAnimals(data, name), { grid: { seed: seeds } });
    const seeds = [1, 2, 3, 4];
    const alone = await client.submit({ name: 'alone', grids: [grid('alone', seeds)] });
    const expected = await finished(client, alone.id);
    await stack.workers[0]!.end();
    const worker = await stack.startWorker({ PEFTGRID_GANG: '4' });
    const { id } = await client.submit({ name: 'gangs', grids: [grid('gangs', seeds)] });
    const cells = await finished(client, id);
    // One of the last two was on its way by itself already when the second took the other along.
    expect(cells.map((c) => c.summary!.gang).toSorted()).toEqual([1, 1, 2, 2]);
    const lossesOf = async ({ trialId }: CellView) =>
      (await client.curve(trialId)).metrics.filter((m) => m.name === 'loss' && m.split === 'train');
    for (const [i, cell] of expected.entries()) {
      const [solo, ganged] = [await lossesOf(cell), await lossesOf(cells[i]!)];
      expect(ganged).toHaveLength(solo.length);
      for (const [s, { value }] of solo.entries())
        expect(Math.abs(ganged[s]!.value - value) / value).toBeLessThan(tolerance);
    }
    const folder = join(stack.home, 'gangs');
    const paces = readdirSync(folder).map((file) =>
      Pace.parse(JSON.parse(readFileSync(join(folder, file), 'utf8'))),
    );
    const measured = paces.map(({ sizes }) =>
      Object.entries(sizes).map(([size, { samples }]) => [size, samples.length]),
    );
    expect(measured).toContainEqual([
      ['1', 2],
      ['2', 1],
    ]);
    await worker.end();
    await stack.startWorker();
  });

  it('is refused whole where a corner of it is impossible', async () => {
    const { client, db } = stack;
    const before = await db.prisma.experiment.count();
    const grid = animalGrid(animals, { grid: { 'method.length': [1, 0] } });
    const refusal = await client.submit({ name: 'bad', grids: [grid] }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ApiError);
    expect(refusal).toMatchObject({ status: 400 });
    expect((refusal as ApiError).message).toMatch(/method\.length/);
    expect(await db.prisma.experiment.count()).toBe(before);
  });

  it('is cancelled: what waits at once, what trains within a step', async () => {
    const { client } = stack;
    const { id } = await client.submit({
      name: 'cancel',
      grids: [longGrid(copyOfAnimals(data, 'cancelled'), [1, 2, 3], 500_000)],
    });
    const { trialId } = await reached(client, id, 1);
    await client.cancel(id);
    await until('every cell is cancelled', async () =>
      (await client.cells(id)).every((c) => c.state === 'cancelled'),
    );
    expect((await client.curve(trialId)).metrics.length).toBeGreaterThan(0); // what was measured stays
    await until('the slot is free', async () => (await client.workers()).every((w) => w.running === 0));
  });

  it('is paused and goes on', async () => {
    const { client } = stack;
    const { id } = await client.submit({
      name: 'pause',
      grids: [longGrid(copyOfAnimals(data, 'paused'), [1, 2])],
    });
    await reached(client, id, 1);
    await client.pause(id);
    const cells = await until('the running trial is done', async () => {
      const cells = await client.cells(id);
      return cells.some((c) => c.state === 'succeeded') && cells;
    });
    expect(cells.map((c) => c.state).toSorted()).toEqual(['ready', 'succeeded']);
    await client.resume(id);
    expect((await finished(client, id)).map((c) => c.state)).toEqual(['succeeded', 'succeeded']);
  });

  it('fails the trial whose loss diverges, and no other', async () => {
    const { client } = stack;
    const grid = animalGrid(copyOfAnimals(data, 'diverging'), {
      method: { name: 'full' },
      training: { optimizer: { name: 'sgd', learningRate: 0.01, weightDecay: 10 } },
      // 100 x 10 multiplies every weight by -999 a step
      grid: { 'training.optimizer.learningRate': [0.01, 100] },
    });
    const { id } = await client.submit({ name: 'diverging', grids: [grid] });
    const [sane, absurd] = await finished(client, id);
    expect(sane!.state).toBe('succeeded');
    expect(absurd!.state).toBe('failed');
    expect(absurd!.why).toMatch(/diverged.*step \d+/);
    expect((await client.trial(absurd!.trialId)).attempts).toHaveLength(1); // it would diverge again
  });

  it('tells a watcher everything once, in order', async () => {
    const { client } = stack;
    const { id } = await client.submit({
      name: 'watched',
      grids: [animalGrid(copyOfAnimals(data, 'watched'))],
    });
    const events: ExperimentEvent[] = [];
    const stop = new AbortController();
    for await (const event of client.events(id, { after: 0, signal: stop.signal })) {
      events.push(event);
      if (event.type === 'experiment' && event.state === 'finished') stop.abort();
    }
    expect(events.map((e) => e.id)).toEqual([...new Set(events.map((e) => e.id))].toSorted((a, b) => a - b));
    const states = events.flatMap((e) => (e.type === 'trial' ? [e.state] : []));
    // how a trial begins is in the first answer, and no event
    expect([...new Set(states)]).toEqual(['dispatched', 'running', 'succeeded']);
  });

  it('leaves no scratch behind', async () => {
    const [worker] = readdirSync(join(stack.home, 'scratch'));
    await until(
      'the worker has cleaned up',
      async () => readdirSync(join(stack.home, 'scratch', worker!)).length === 0,
    );
  });
});
