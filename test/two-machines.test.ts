import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { CellView } from '#contracts/experiment.js';
import { sentInputs } from '../apps/api/src/fixtures/sent-inputs.js';
import { adaptationGrid, animals, longGrid, transferGrid } from './support/grids.js';
import { numbersOf } from './support/numbers.js';
import { descendants, Program } from './support/processes.js';
import { credentials, s3Program, S3Server } from './support/s3-server.js';
import { backends, linkEngine, Stack } from './support/stack.js';
import { until } from './support/until.js';

/** PEFTGRID_PROOF=long: a real backbone, and trials that are long enough to lose something. */
const isLong = process.env['PEFTGRID_PROOF'] === 'long';
const limitMs = isLong ? 3_600_000 : 300_000;
jest.setTimeout(limitMs);

const cli = resolve(__dirname, '..', 'dist', 'apps', 'cli', 'src', 'main.js');
const folder = mkdtempSync(join(tmpdir(), 'peftgrid-two-'));
const stacks: Stack[] = [];
const programs: Program[] = [];
let s3: S3Server | null = null;
afterAll(async () => {
  for (const program of programs) await program.end();
  for (const stack of stacks) expect((await stack.stop()).processes).toEqual([]);
  await s3?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function grids() {
  const long = longGrid(animals, [1, 2], isLong ? 6_000 : 1_200);
  const real = {
    ...long,
    backbone: { name: 'minilm-l6' },
    training: { ...(long.training as object), steps: 300, checkpointEvery: 50 },
  };
  return [
    long,
    adaptationGrid(animals),
    transferGrid(animals),
    ...(isLong ? [{ ...real, name: 'real' }] : []),
  ];
}

/** Submits with all that the trials read: no machine sees another's files. */
async function submitted(stack: Stack): Promise<string> {
  const request = await sentInputs(stack.client, { name: 'proof', grids: grids() }, folder);
  return (await stack.client.submit(request)).id;
}

async function numbers(stack: Stack, id: string): Promise<Map<string, string[]>> {
  await until(
    'every trial has ended',
    async () => (await stack.client.experiment(id)).state === 'finished',
    limitMs,
  );
  const found = new Map<string, string[]>();
  for (const cell of await stack.client.cells(id)) {
    expect(`${cell.grid}/${cell.index} ${cell.state} ${cell.why}`).toMatch(/ succeeded /);
    found.set(`${cell.grid}/${cell.index}`, await numbersOf(stack.client, cell));
  }
  return found;
}

/** Two workers that share no folder with the API or each other: one knows a bucket, and one gets its
 *  artifacts from the API. */
it('gives every cell the numbers of one machine, though each of two was killed', async () => {
  const one = await Stack.start('postgres', '');
  stacks.push(one);
  await one.startWorker();
  const expected = await numbers(one, await submitted(one));

  if (s3Program) s3 = await S3Server.start('bucket');
  const bucket = s3
    ? { ...credentials, AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${s3.port}`, ARTIFACTS: 's3://bucket/two' }
    : undefined;
  const two = await Stack.start(backends.at(-1)!, '', bucket);
  stacks.push(two);
  const homes = ['a', 'b'].map(() => mkdtempSync(join(folder, 'home-')));
  homes.forEach(linkEngine);
  // Alone: a step that several share rounds otherwise, and which trials share depends on the hour.
  const alone = (i: number) => ({ PEFTGRID_HOME: homes[i]!, PEFTGRID_THREADS: '1', PEFTGRID_GANG: '1' });
  const fromEnvironment = () => two.startWorker({ ...alone(0), PEFTGRID_LABELS: 'environment' });
  const { url, id: linkId } = await two.client.createJoinLink();
  const joined = async () => {
    const env = { ...alone(1), PEFTGRID_JOIN: url, DATABASE_URL: '', REDIS_URL: '' };
    const program = await Program.start(
      'worker',
      [cli, 'worker', '--labels', 'joined'],
      env,
      'peftgrid worker ready',
    );
    programs.push(program);
    return program;
  };
  const machines = [await fromEnvironment(), await joined()];
  expect(machines[0]!.output).toMatch(/artifacts lie in the store of the API at http:/);
  expect(machines[1]!.output).toMatch(
    s3 ? 'artifacts lie in the store s3://bucket/two' : /of the API at http:/,
  );
  expect(machines.map((m) => m.output).join('')).not.toContain(url.split('=').at(-1));
  const listed = await two.client.workers();
  expect(listed.map(({ labels, state }) => [...labels, state]).toSorted()).toEqual([
    ['environment', 'idle'],
    ['joined', 'idle'],
  ]);

  const id = await submitted(two);
  for (const [label, again] of [
    ['environment', fromEnvironment],
    ['joined', joined],
  ] as const) {
    const machine = machines[label === 'joined' ? 1 : 0]!;
    const worker = await until(
      `the ${label} worker trains on from a state`,
      async () => {
        const { id: name } = (await two.client.workers()).find((w) => w.alive && w.labels.includes(label))!;
        for (const { state, trialId, grid, step } of await two.client.cells(id)) {
          if (state !== 'running' || grid !== 'animals' || step < 200) continue;
          const { attempts, checkpoints } = await two.client.trial(trialId);
          if (attempts.at(-1)!.worker === name && checkpoints.some((c) => c.kind === 'resume')) return name;
        }
        return undefined;
      },
      limitMs,
    );
    for (const pid of [...descendants(machine.pid), machine.pid]) process.kill(pid, 'SIGKILL');
    await again();
    expect((await two.client.workers()).map((w) => w.id)).toContain(worker);
  }
  const found = await numbers(two, id);
  expect([...found.keys()]).toEqual([...expected.keys()]);
  for (const [cell, lines] of found) expect([cell, ...lines]).toEqual([cell, ...expected.get(cell)!]);

  const { rows } = await two.db.pool.query<{ crashes: number; workers: number }>(
    `select (select sum(crashes)::int from "Trial") crashes, (select count(distinct worker)::int from "Attempt" where state = 'succeeded') workers`,
  );
  expect(rows[0]!.crashes).toBe(0);
  expect(rows[0]!.workers).toBeGreaterThan(1);
  const lost = await two.db.prisma.attempt.count({ where: { state: 'lost' } });
  expect(lost).toBe(2);

  const out = join(folder, 'exported');
  const env = { ...process.env, PEFTGRID_URL: two.url, PEFTGRID_HOME: homes[0]! };
  execFileSync(process.execPath, [cli, 'export', id, '--out', out], { env, stdio: 'pipe' });
  const adapted = (cells: CellView[]) => cells.map((cell) => `${cell.grid}-${cell.index}`);
  expect(readdirSync(join(out, 'adapters')).toSorted()).toEqual(
    adapted(await two.client.cells(id)).toSorted(),
  );
  expect(existsSync(join(two.home, 'artifacts', 'sha256'))).toBe(!s3);

  await two.client.revokeJoinLink(linkId);
  await until('the worker that joined with it ends', async () => programs.at(-1)!.ended);
  expect(programs.at(-1)!.output).toMatch('the link with which this worker joined was revoked');
});
