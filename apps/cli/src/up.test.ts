import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { PeftgridClient } from '#contracts/client.js';
import { processesIn } from '#db/postgres/processes-in.js';
import { identityOf } from '#db/process-identity.js';
import { descendants, isAlive, livingWith, stop } from '../../../test/support/processes.js';
import { animals, longGrid } from '../../../test/support/grids.js';
import { finished, reached } from '../../../test/support/numbers.js';
import { fixtureRoots } from '../../../test/support/stack.js';
import { until } from '../../../test/support/until.js';
import { root } from './root.js';

jest.setTimeout(300_000); // a guard against hanging: machines are busy at times

// `peftgrid up` as a process, with all that it starts, on homes of its own: whatever is killed, stopped or
// filled.
const cli = join(root, 'dist', 'apps', 'cli', 'src', 'main.js');
const engine = join(process.env['PEFTGRID_HOME'] ?? join(homedir(), '.peftgrid'), 'engine');
const homes: string[] = [];
const ups: Up[] = [];

beforeAll(() => void spawnSync(join(root, 'peftgrid'), ['--help'])); // builds what is stale
afterEach(async () => {
  for (const up of ups.splice(0)) await up.end();
});
afterAll(() => {
  for (const home of homes) rmSync(home, { recursive: true, force: true });
});

function newHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'peftgrid-up-'));
  homes.push(home);
  symlinkSync(engine, join(home, 'engine'));
  return home;
}

/** An `up` under test. */
class Up {
  said = '';
  readonly child: ChildProcess;

  constructor(
    readonly home: string,
    ...options: string[]
  ) {
    const { DATABASE_URL: _, ...env } = process.env;
    this.child = spawn(process.execPath, [cli, 'up', '--port', '0', ...options], {
      env: { ...env, PEFTGRID_HOME: home, PEFTGRID_ROOTS: fixtureRoots },
    });
    for (const stream of [this.child.stdout!, this.child.stderr!])
      stream.on('data', (d: Buffer) => (this.said += d.toString()));
    ups.push(this);
  }

  async ready(): Promise<this> {
    await this.says(/is up: http/);
    return this;
  }

  says(what: RegExp, ms?: number): Promise<string> {
    const said = async () => {
      const found = what.exec(this.said);
      if (!found && this.exit) throw new Error(`it ended with ${this.exit.code}`);
      return found?.[0];
    };
    return until(`up says ${what}`, said, ms).catch((error: Error) =>
      Promise.reject(new Error(`${error.message}\n${this.said}`)),
    );
  }

  get exit(): { code: number | null } | null {
    return this.child.exitCode !== null || this.child.signalCode !== null
      ? { code: this.child.exitCode }
      : null;
  }

  get client(): PeftgridClient {
    return new PeftgridClient(/is up: (http\S+)/.exec(this.said)![1]!);
  }

  get data(): string {
    return join(this.home, 'postgres', 'data');
  }

  get postgresId(): number {
    return Number(readFileSync(join(this.data, 'postmaster.pid'), 'utf8').split('\n')[0]);
  }

  idOf(part: 'api' | 'worker'): number {
    const script = `apps/${part}/src/main.js`;
    return descendants(this.child.pid!).find((pid) =>
      readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(script),
    )!;
  }

  /** Of the database, as the parts were told. */
  get databaseUrl(): string {
    const environment = readFileSync(`/proc/${this.idOf('api')}/environ`, 'utf8').split('\0');
    return environment.find((line) => line.startsWith('DATABASE_URL='))!.slice('DATABASE_URL='.length);
  }

  /** Told to end, it has done so within 10 s, and nothing that it started is left. */
  async endsWithin10s(): Promise<void> {
    await until('up has ended', async () => this.exit, 10_000);
    // what was killed takes a moment to go
    await until('nothing is left', async () => this.left.length === 0, 5_000);
    expect(existsSync(join(this.home, 'server.json'))).toBe(false);
  }

  get left(): number[] {
    return [
      ...livingWith(`PEFTGRID_HOME=${this.home}`),
      ...processesIn(this.data),
      ...processesIn(`${this.data}.new`),
    ];
  }

  async end(): Promise<void> {
    this.child.kill('SIGTERM');
    this.child.kill('SIGCONT');
    await until('up has ended', async () => this.exit, 12_000).catch(() => this.child.kill('SIGKILL'));
  }
}

describe('a part that ends', () => {
  it('is started again while the others ride it out, the database at the same address', async () => {
    const up = await new Up(newHome()).ready();
    const { databaseUrl } = up;
    const { id } = await up.client.submit({ name: 'ridden', grids: [longGrid(animals, [1], 4000)] });
    await reached(up.client, id, 1);
    for (const part of ['database', 'api', 'database'] as const) {
      process.kill(part === 'api' ? up.idOf('api') : up.postgresId, 'SIGKILL');
      await up.says(
        new RegExp(
          `the ${part} ended with SIGKILL.*; the log is ${up.home}/logs/\\w+.log; starting it again`,
        ),
      );
      await up.says(new RegExp(`the ${part} is back`));
      up.said = up.said.replaceAll(/the \w+ (is back|ended)/g, '');
    }
    const [cell] = await finished(up.client, id);
    expect(cell).toMatchObject({ state: 'succeeded' });
    expect((await up.client.trial(cell!.trialId)).attempts.map((a) => a.state)).toEqual(['succeeded']);
    expect(up.databaseUrl).toBe(databaseUrl);
    expect(readFileSync(join(up.home, 'logs', 'postgres.log'), 'utf8')).toContain(
      'database system was interrupted',
    );
    up.child.kill('SIGINT');
    await up.endsWithin10s();
    expect(up.exit).toEqual({ code: 0 });
  });

  it('and fails again and again ends everything, with its last words: the database', async () => {
    const up = await new Up(newHome(), '--workers', '0').ready();
    const control = join(up.data, 'global', 'pg_control');
    const pid = up.postgresId;
    truncateSync(control, 100);
    process.kill(pid, 'SIGKILL');
    await until('up has ended', async () => up.exit);
    expect(up.said).toMatch(
      /peftgrid: gave up after 6 tries: Postgres did not start: PANIC:.*pg_control.*; the log is .*postgres.log\n$/,
    );
    expect(up.exit).toEqual({ code: 1 });
    expect(up.left).toEqual([]);
  });

  it('and fails again and again ends everything, with its last words: the API', async () => {
    const up = await new Up(newHome(), '--workers', '0').ready();
    const port = Number(new URL(/http\S+/.exec(up.said)![0]).port);
    const api = up.idOf('api');
    process.kill(api, 'SIGKILL');
    await until('the API is gone', async () => !isAlive(api));
    const other = createServer();
    await until('we have its port', () => new Promise<boolean>((resolve) => {
      other.once('error', () => resolve(false));
      other.listen(port, '127.0.0.1', () => resolve(true));
    })); // prettier-ignore
    await until('up has ended', async () => up.exit);
    other.close();
    expect(up.said).toMatch(
      /gave up after 6 tries: the api ended with 1: .*port \d+ of 127.0.0.1 is taken.*; the log is .*api.log\n$/,
    );
    expect(up.exit).toEqual({ code: 1 });
    expect(up.left).toEqual([]);
  });
});

describe('told to end, it does within 10 s, with all that it started', () => {
  it('while a statement runs that can not be interrupted, and a client streams', async () => {
    const up = await new Up(newHome(), '--workers', '0').ready();
    const busy = new Client({ connectionString: up.databaseUrl });
    busy.on('error', () => {});
    await busy.connect();
    busy.query(`copy (select 1) to program 'trap "" INT TERM QUIT HUP; sleep 600'`).catch(() => {});
    const { id } = await up.client.submit({ name: 'streamed', grids: [longGrid(animals)] });
    const stream = await fetch(new URL(`/api/experiments/${id}/events`, /http\S+/.exec(up.said)![0]));
    expect(stream.status).toBe(200);
    const read = stream.text().catch(() => {});
    await until('the program runs', async () => up.left.some((pid) => commandOf(pid).includes('sleep 600')));
    up.child.kill('SIGTERM');
    await up.endsWithin10s();
    expect(up.exit).toEqual({ code: 0 });
    await read;
    await busy.end().catch(() => {});
  });

  it.each(['postgres', 'api', 'worker', 'trainer'] as const)('while its %s hangs', async (part) => {
    const up = await new Up(
      newHome(),
      '--workers',
      part === 'worker' || part === 'trainer' ? '1' : '0',
    ).ready();
    const pid =
      part === 'postgres'
        ? up.postgresId
        : part === 'trainer'
          ? descendants(up.idOf('worker'))[0]!
          : up.idOf(part);
    process.kill(pid, 'SIGSTOP');
    up.child.kill('SIGTERM');
    await up.endsWithin10s();
    expect(up.exit).toEqual({ code: 0 });
  });

  it('while the database is made or first starts, and hangs', async () => {
    for (const [program, file] of [
      ['initdb', 'data.new/base'],
      ['postgres', 'data/postmaster.pid'],
    ] as const) {
      const up = new Up(newHome(), '--workers', '0');
      await until(`${program} works`, async () => existsSync(join(up.home, 'postgres', file)) || up.exit);
      for (const pid of descendants(up.child.pid!)) stop(pid);
      up.child.kill('SIGTERM');
      await up.endsWithin10s();
      const again = await new Up(up.home, '--workers', '0').ready();
      again.child.kill('SIGTERM');
      await again.endsWithin10s();
    }
  });

  it('at once when it is told twice, though a part hangs', async () => {
    const up = await new Up(newHome(), '--workers', '1').ready();
    for (const pid of [up.postgresId, up.idOf('worker'), up.idOf('api')]) process.kill(pid, 'SIGSTOP');
    up.child.kill('SIGINT');
    await up.says(/stopping …/);
    up.child.kill('SIGINT');
    await until('up has ended', async () => up.exit, 3_000);
    await until('nothing is left', async () => up.left.length === 0, 3_000);
  });
});

describe('a home that can not be used is named in a sentence', () => {
  const refused = async (home: string): Promise<string> => {
    const up = new Up(home, '--workers', '0');
    await until('up has ended', async () => up.exit);
    expect(up.exit).toEqual({ code: 1 });
    expect(up.said).not.toMatch(/\n\s+at /);
    return up.said;
  };

  it('a file, and a folder below a file', async () => {
    const file = join(newHome(), 'file');
    writeFileSync(file, '');
    expect(await refused(file)).toBe(`peftgrid: ${file} is not a folder; PEFTGRID_HOME must name one\n`);
    expect(await refused(join(file, 'below'))).toMatch(/is not a folder; PEFTGRID_HOME must name one\n$/);
  });

  onDisk('one that can only be read', '1m,ro', async (home) => {
    expect(await refused(home)).toMatch(
      /can only be read; set PEFTGRID_HOME to a folder that can be written to\n$/,
    );
  });

  onDisk('one on a full disk', '1m', async (home) => {
    fill(home);
    expect(await refused(home)).toBe(`peftgrid: the disk of ${home} is full; make room, then start again\n`);
  });

  onDisk('one without the room for a database, which comes up once there is room', '20m', async (home) => {
    expect(await refused(home)).toMatch(
      /peftgrid: no database could be made: the disk is full \(.*; the log is .*postgres.log\n$/,
    );
    execFileSync('mount', ['-o', 'remount,size=200m', home]);
    await new Up(home, '--workers', '0').ready();
  });

  it('one that a server which died left its record in is taken', async () => {
    const home = newHome();
    for (const left of [
      JSON.stringify({ url: 'http://127.0.0.1:1', pid: process.pid, started: 'before' }),
      '{"url',
      '',
    ]) {
      writeFileSync(join(home, 'server.json'), left);
      const up = await new Up(home, '--workers', '0').ready();
      expect(JSON.parse(readFileSync(join(home, 'server.json'), 'utf8'))).toMatchObject(
        identityOf(up.child.pid!),
      );
      await up.end();
    }
  });
});

describe('a disk that is full', () => {
  onDisk(
    'stops nothing for good: it is said once, and once more when there is room',
    '120m',
    async (home) => {
      symlinkSync(engine, join(home, 'engine'));
      const up = await new Up(home).ready();
      const { databaseUrl } = up;
      const { id } = await up.client.submit({ name: 'before', grids: [longGrid(animals)] });
      await reached(up.client, id, 1);
      fill(home);
      const db = new Client({ connectionString: databaseUrl });
      db.on('error', () => {});
      await db.connect();
      await expect(
        db.query('create table big as select repeat(md5(n::text), 20) from generate_series(1, 100000) n'),
      ).rejects.toThrow();
      await db.end().catch(() => {});
      process.kill(up.postgresId, 'SIGKILL');
      await up.says(/the database ended/);
      await up.says(/the disk is full: .*logs can not be written to; what runs goes on/);
      rmSync(join(home, 'filling'));
      await up.says(/the disk can be written to again/);
      expect(up.said.match(/the disk is full: /g)).toHaveLength(1);
      await until('it answers', () => up.client.experiments().then(() => true));
      const again = await up.client.submit({ name: 'after', grids: [longGrid(animals, [2])] });
      expect((await finished(up.client, again.id))[0]).toMatchObject({ state: 'succeeded' });
      up.child.kill('SIGTERM');
      await up.endsWithin10s();
    },
  );
});

/** A test on a small disk of its own, where one may be mounted. */
function onDisk(name: string, options: string, test: (home: string) => Promise<void>): void {
  const mounted = (home: string) =>
    spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${options}`, 'peftgrid', home]).status === 0;
  const probe = mkdtempSync(join(tmpdir(), 'peftgrid-mount-'));
  const possible = mounted(probe);
  if (possible) execFileSync('umount', [probe]);
  rmSync(probe, { recursive: true });
  if (!possible)
    return void it.skip(`${name} (skipped: no tmpfs can be mounted here, which takes root)`, () => {});
  it(name, async () => {
    const home = mkdtempSync(join(tmpdir(), 'peftgrid-disk-'));
    mounted(home);
    try {
      await test(home);
    } finally {
      for (const up of ups.splice(0)) await up.end();
      await until('the disk is free', async () => spawnSync('umount', [home]).status === 0, 10_000);
      rmSync(home, { recursive: true });
    }
  });
}

/** Until nothing more can be written. */
function fill(home: string): void {
  const zeros = spawnSync('sh', ['-c', `cat /dev/zero >"${join(home, 'filling')}"`], { encoding: 'utf8' });
  expect(zeros.stderr).toContain('No space left');
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
