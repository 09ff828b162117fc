import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Client } from 'pg';
import type { CellView, TrialView } from '#contracts/experiment.js';
import { recordStore, storeRecord } from '#db/artifact-store.js';
import { openDatabase } from '#db/database.js';
import { migrate } from '#db/migrate.js';
import { animalGrid, copyOfAnimals, longGrid } from './support/grids.js';
import { finished, reached } from './support/numbers.js';
import { descendants, type Program } from './support/processes.js';
import { Stack } from './support/stack.js';
import { until } from './support/until.js';

jest.setTimeout(300_000); // a guard against hanging: machines are busy at times

const usersHome = process.env['PEFTGRID_HOME'] ?? join(homedir(), '.peftgrid');
const cli = resolve(__dirname, '..', 'dist', 'apps', 'cli', 'src', 'main.js');
const patience = {
  PEFTGRID_LOAD_PATIENCE_S: '12',
  PEFTGRID_STEP_PATIENCE_S: '8',
  PEFTGRID_FAULT_PAUSE_S: '1',
};

/** Whether this user may mount a file system. */
const mounts = ((): boolean => {
  const probe = mkdtempSync(join(tmpdir(), 'peftgrid-mount-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', probe]).status === 0;
  if (mounted) execFileSync('umount', [probe]);
  rmSync(probe, { recursive: true });
  return mounted;
})();

/** What hangs, fills up, is damaged or is of another version: nothing waits for ever, and no trial pays for
 *  its machine. */
describe('faults of the machine', () => {
  let stack: Stack;
  const data = mkdtempSync(join(tmpdir(), 'peftgrid-host-faults-'));
  beforeAll(async () => void (stack = await Stack.start()));
  afterAll(async () => {
    const left = await stack.stop();
    rmSync(data, { recursive: true, force: true });
    expect(left.processes).toEqual([]);
  });

  const trialOf = ({ trialId }: CellView): Promise<TrialView> => stack.client.trial(trialId);
  const crashesOf = async ({ trialId }: CellView): Promise<number> =>
    (await stack.db.prisma.trial.findUniqueOrThrow({ where: { id: trialId } })).crashes;

  /** A home of its own for a worker, with the engine of this machine and the store that the API fills. */
  function homeAt(folder: string): string {
    for (const name of ['engine', 'backbones', 'xla-cache'])
      symlinkSync(join(usersHome, name), join(folder, name));
    symlinkSync(join(stack.home, 'artifacts'), join(folder, 'artifacts'));
    return folder;
  }

  it('ends a trainer that hangs in its middle, says where, and trains on from its state', async () => {
    const worker = await stack.startWorker(patience);
    const { id } = await stack.client.submit({
      name: 'stopped',
      grids: [longGrid(copyOfAnimals(data, 'stopped'))],
    });
    const cell = await reached(stack.client, id, 400);
    process.kill(descendants(worker.pid)[0]!, 'SIGSTOP');
    await finished(stack.client, id);
    const { state, attempts } = await trialOf(cell);
    expect([state, ...attempts.map((a) => a.state)]).toEqual(['succeeded', 'failed', 'succeeded']);
    expect(attempts[0]!.message).toMatch(
      /^timeout: the trainer hung: it was silent for .* at step \d+ of 2000/,
    );
    expect(await crashesOf(cell)).toBe(1);
    await worker.end();
  });

  (mounts ? it : it.skip)(
    'spends no crash on a full disk, says so, and goes on when there is space',
    async () => {
      const disk = join(data, 'disk');
      mkdirSync(disk);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', disk]);
      let worker: Program | undefined;
      try {
        worker = await stack.startWorker({ ...patience, PEFTGRID_HOME: homeAt(disk) });
        spawnSync('dd', ['if=/dev/zero', `of=${join(disk, 'ballast')}`, 'bs=4k'], { stdio: 'ignore' });
        const grid = animalGrid(copyOfAnimals(data, 'full'), { grid: { seed: [1, 2, 3] } });
        const { id } = await stack.client.submit({ name: 'full', grids: [grid] });
        await until('the worker says so', async () =>
          (await stack.client.workers())[0]?.fault?.includes('no space'),
        );
        await until('why says so', async () =>
          (await stack.client.cells(id))[0]!.why.includes('no worker takes work: no space'),
        );
        const cells = await stack.client.cells(id);
        for (const cell of cells) expect(await crashesOf(cell)).toBe(0);
        rmSync(join(disk, 'ballast'));
        expect((await finished(stack.client, id)).map((c) => c.state)).toEqual([
          'succeeded',
          'succeeded',
          'succeeded',
        ]);
        for (const cell of cells) expect(await crashesOf(cell)).toBe(0);
        expect((await stack.client.workers()).map((w) => w.fault)).toEqual([null]);
      } finally {
        await worker?.end();
        execFileSync('umount', ['-l', disk]);
      }
    },
  );

  it('takes no work while the library is gone, and goes on when it is back', async () => {
    const home = homeAt(mkdtempSync(join(data, 'library-')));
    const worker = await stack.startWorker({ ...patience, PEFTGRID_HOME: home });
    renameSync(join(home, 'engine'), join(home, 'engine-away'));
    process.kill(descendants(worker.pid)[0]!, 'SIGKILL');
    const { id } = await stack.client.submit({
      name: 'library',
      grids: [animalGrid(copyOfAnimals(data, 'library'))],
    });
    await until('the worker says so', async () => (await stack.client.workers())[0]?.fault);
    renameSync(join(home, 'engine-away'), join(home, 'engine'));
    const [cell] = await finished(stack.client, id);
    expect(cell!.state).toBe('succeeded');
    expect(await crashesOf(cell!)).toBe(0);
    await worker.end();
  });

  it('exports nothing damaged, names it, and trains it anew when asked', async () => {
    const worker = await stack.startWorker();
    const grid = animalGrid(copyOfAnimals(data, 'damaged'), { grid: { seed: [1, 2, 3] } });
    const { id } = await stack.client.submit({ name: 'damaged', grids: [grid] });
    const cells = await finished(stack.client, id);
    const adapterOf = async (cell: CellView) =>
      (await trialOf(cell)).checkpoints.find((c) => c.kind === 'adapter')!;
    const before = await Promise.all(cells.map(adapterOf));
    const weightsOf = (i: number) =>
      before[i]!.files.find((f) => f.path === 'adapter_model.safetensors')!.hash;
    const placeOf = (hash: string) => join(stack.home, 'artifacts', 'sha256', hash.slice(0, 2), hash);
    const text = readFileSync(placeOf(weightsOf(0)));
    text[text.length - 1]! ^= 1;
    writeFileSync(placeOf(weightsOf(0)), text); // as long as it was
    truncateSync(placeOf(weightsOf(1)), 100);
    const run = (...args: string[]) =>
      spawnSync(process.execPath, [cli, ...args], {
        encoding: 'utf8',
        env: { ...process.env, PEFTGRID_URL: stack.url },
      });
    const out = join(data, 'exported');
    const exported = run('export', id, '--out', out);
    expect(exported.status).toBe(1);
    expect(exported.stderr).toMatch(/2 cells of 3 were not exported/);
    for (const i of [0, 1])
      expect(exported.stderr).toMatch(
        new RegExp(`animals-${i}: .*adapter_model.safetensors is lost: .*damaged`),
      );
    expect([0, 1, 2].map((i) => existsSync(join(out, 'adapters', `animals-${i}`)))).toEqual([
      false,
      false,
      true,
    ]);

    rmSync(placeOf(weightsOf(2)));
    // what it reuses must be there
    const again = await stack.client.submit({ name: 'damaged again', grids: [grid] });
    expect((await finished(stack.client, again.id)).map((c) => c.state)).toEqual([
      'succeeded',
      'succeeded',
      'succeeded',
    ]);
    expect(await Promise.all(cells.map(adapterOf))).toMatchObject(before.map(({ hash }) => ({ hash })));
    expect(run('export', id, '--out', out).status).toBe(0);

    rmSync(placeOf(weightsOf(2)));
    expect(run('retry', id).stdout).toMatch(/^trial .* again/);
    await finished(stack.client, id);
    expect(existsSync(placeOf(weightsOf(2)))).toBe(true);
    expect(run('retry', id).stdout).toMatch(/nothing to try again/);
    await worker.end();
  });

  describe('a database of another version', () => {
    const program = resolve(__dirname, '..', 'dist', 'apps', 'worker', 'src', 'main.js');
    const url = () => stack.db.url.replace(/\/[^/?]*(\?|$)/, '/other$1');
    const start = (env: Record<string, string>) =>
      spawnSync(process.execPath, [program], {
        encoding: 'utf8',
        env: { ...process.env, PEFTGRID_HOME: stack.home, DATABASE_URL: url(), REDIS_URL: '', ...env },
      });

    it('is waited for where it is older, and refused after a while', async () => {
      await stack.db.pool.query('create database other');
      const refused = start({ PEFTGRID_SCHEMA_PATIENCE_S: '1' });
      expect(refused.status).toBe(1);
      expect(refused.stderr).toMatch(
        /waiting up to 1 s for the API.*\n(.*\n)*peftgrid worker: the database is older than this version: it lacks 0001_tables, /,
      );
      const early = stack.startWorker({ DATABASE_URL: url() });
      await migrate(url());
      const other = await openDatabase(url());
      const record = await storeRecord(stack.db);
      await recordStore(other, record!);
      await other.close();
      await (await early).end();
    });

    it('is refused where it is newer, also by a worker that runs', async () => {
      const worker = await stack.startWorker({ DATABASE_URL: url() });
      const client = new Client({ connectionString: url() });
      await client.connect();
      await client.query(
        `insert into _prisma_migrations (id, checksum, migration_name, finished_at) values ('x', 'x', '9999_future', now())`,
      );
      await client.end();
      await until('it ends', async () => worker.ended);
      expect(worker.output).toMatch(/9999_future, which this version does not know/);
      const refused = start({});
      expect(refused.status).toBe(1);
      expect(refused.stderr).toMatch(
        /^peftgrid worker: the database has migration 9999_future, which this version does not know/m,
      );
    });
  });
});
