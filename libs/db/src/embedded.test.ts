import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from './database.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded.js';
import { migrate } from './migrate.js';
import { processesIn } from './postgres/processes-in.js';
import { idsOf } from './postgres/unprivileged.js';

const folder = join(__dirname, '..', '..', '..', 'prisma', 'migrations');
const migrations = readdirSync(folder).filter((name) => /^\d/.test(name)).toSorted(); // prettier-ignore
const home = mkdtempSync(join(tmpdir(), 'peftgrid-embedded-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const data = join(home, 'postgres', 'data');
const password = join(home, 'postgres', 'password');
const serverId = () => Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0]);

/** What one statement gives, in a connection of its own. */
async function asked(server: EmbeddedPostgres, sql: string): Promise<unknown[]> {
  const db = await openDatabase(server.url);
  try {
    return (await db.pool.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await db.close();
  }
}

describe('startEmbeddedPostgres', () => {
  it('makes a database, migrates it once by however many processes, and finds it again', async () => {
    const first = await startEmbeddedPostgres(home);
    const shared = await startEmbeddedPostgres(home);
    expect(shared.url).toBe(first.url);
    const applied = await Promise.all([migrate(first.url), migrate(first.url), migrate(first.url)]);
    expect(applied.flat()).toEqual(migrations);
    await asked(first, `insert into "Worker" (id, slots, device) values ('w', 1, 'none')`);
    await shared.stop();
    await first.stop();
    await expect(openDatabase(first.url)).rejects.toThrow(/no Postgres answers at .*:…@/);

    const second = await startEmbeddedPostgres(home);
    expect(await asked(second, 'select id from "Worker"')).toEqual([{ id: 'w' }]);
    await second.stop();
  }, 60_000);

  it('comes back with its data when its owner was killed', async () => {
    const child = spawn(process.execPath, ['-e', owner], {
      cwd: __dirname,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const before = await openDatabase(line.toString().trim());
    await before.pool.query('create table kept (n int)');
    await before.close();
    child.kill('SIGKILL');
    await once(child, 'exit');
    const after = await startEmbeddedPostgres(home);
    expect(await asked(after, 'select * from kept')).toEqual([]);
    await after.stop();
  }, 60_000);

  it('replaces a server that runs on its folder without an owner', async () => {
    const first = await startEmbeddedPostgres(home);
    rmSync(join(home, 'postgres', 'owner.json'));
    const pid = serverId();
    const second = await startEmbeddedPostgres(home);
    expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
    await asked(second, 'select 1');
    await second.stop();
    await first.stop();
  }, 60_000);

  it('comes back at the same address after it was killed, says how it ended, and leaves no backend behind', async () => {
    const first = await startEmbeddedPostgres(home);
    const db = await openDatabase(first.url);
    const busy = db.pool.query(`copy (select 1) to program 'sleep 600'`).catch((error: Error) => error);
    for (let n = 0; n < 100 && processesIn(data).length < 9; n++)
      await new Promise((resolve) => setTimeout(resolve, 50));
    process.kill(serverId(), 'SIGKILL');
    expect(await first.ended).toMatch(/^SIGKILL/);
    expect(processesIn(data)).toEqual([]);
    expect(await busy).toBeInstanceOf(Error);
    await db.close();
    const second = await startEmbeddedPostgres(home, { url: first.url });
    expect(second.url).toBe(first.url);
    expect(await asked(second, 'select * from kept')).toEqual([]);
    await second.stop();
  }, 60_000);

  it('stops while a statement runs that does not let itself be interrupted', async () => {
    const server = await startEmbeddedPostgres(home);
    const db = await openDatabase(server.url);
    const busy = db.pool
      .query(`copy (select 1) to program 'trap "" INT TERM QUIT; sleep 600'`)
      .catch((error: Error) => error);
    for (let n = 0; n < 100 && processesIn(data).length < 9; n++)
      await new Promise((resolve) => setTimeout(resolve, 50));
    await server.stop();
    expect(processesIn(data)).toEqual([]);
    expect(await busy).toBeInstanceOf(Error);
    await db.close();
  }, 60_000);
});

describe('what a crash or a full disk left', () => {
  const said: string[] = [];
  const comesBack = async () => {
    said.length = 0;
    const server = await startEmbeddedPostgres(home, (line) => said.push(line));
    expect(await asked(server, 'select * from kept')).toEqual([]);
    await server.stop();
    expect(readFileSync(password, 'utf8')).toMatch(/^[0-9a-f]{48}$/);
    expect(statSync(password).mode & 0o777).toBe(0o600);
  };
  const healed = 'the password of the database does not fit; it is given a new one';

  it.each([
    ['an empty password', () => truncateSync(password, 0)],
    ['half a password', () => truncateSync(password, 20)],
    ['no password', () => rmSync(password)],
    ['another password', () => writeFileSync(password, 'ab'.repeat(24))],
  ])('%s is replaced', async (_what, damage) => {
    damage();
    await comesBack();
    expect(said).toContain(healed);
    await comesBack();
    expect(said).not.toContain(healed);
  }, 60_000); // prettier-ignore

  it('an empty pid file is removed', async () => {
    writeFileSync(join(data, 'postmaster.pid'), '');
    await comesBack();
  }, 60_000);

  it('a half-made database of a first start is made again', async () => {
    const other = mkdtempSync(join(tmpdir(), 'peftgrid-half-'));
    mkdirSync(join(other, 'postgres', 'data.new', 'base'), { recursive: true });
    writeFileSync(join(other, 'postgres', 'data.new', 'PG_VERSION'), '');
    writeFileSync(join(other, 'postgres', 'password'), '');
    mkdirSync(join(other, 'postgres', 'data', 'base'), { recursive: true });
    const said: string[] = [];
    const server = await startEmbeddedPostgres(other, (line) => said.push(line));
    expect(await asked(server, 'select 1 n')).toEqual([{ n: 1 }]);
    await server.stop();
    expect(said).toContainEqual(expect.stringContaining('data held no finished database; it is kept as'));
    expect(readdirSync(join(other, 'postgres')).toSorted()).toEqual([
      'data',
      expect.stringMatching(/^data.unfinished-/),
      'password',
    ]);
    rmSync(other, { recursive: true });
  }, 60_000);

  it.each([
    ['17', 'was made by Postgres 17, and this peftgrid brings Postgres 18'],
    ['', 'is damaged (its PG_VERSION names no version)'],
  ])('a database of version "%s" is refused', async (version, sentence) => {
    const file = join(data, 'PG_VERSION');
    const before = readFileSync(file);
    writeFileSync(file, version);
    try {
      await expect(startEmbeddedPostgres(home)).rejects.toThrow(sentence);
    } finally {
      writeFileSync(file, before);
    }
  });

  it('a database that lost files ends a start with Postgres’ own words', async () => {
    const control = join(data, 'global', 'pg_control');
    const before = readFileSync(control);
    truncateSync(control, 100);
    try {
      await expect(startEmbeddedPostgres(home)).rejects.toThrow(
        /^Postgres did not start: PANIC: .*pg_control/,
      );
    } finally {
      writeFileSync(control, before);
    }
    await comesBack();
  }, 60_000);

  it('a start that is given up leaves nothing running', async () => {
    const other = mkdtempSync(join(tmpdir(), 'peftgrid-given-up-'));
    const fresh = join(other, 'postgres', 'data.new');
    for (const until of [
      () => existsSync(join(fresh, 'base')),
      () => existsSync(join(other, 'postgres', 'data', 'postmaster.pid')),
    ]) {
      const giveUp = new AbortController();
      const start = startEmbeddedPostgres(other, { signal: giveUp.signal });
      const end = start.then((server) => server.stop(), (error: Error) => error); // prettier-ignore
      while (!until()) await new Promise((resolve) => setTimeout(resolve, 5));
      giveUp.abort();
      await end;
      expect([...processesIn(fresh), ...processesIn(join(other, 'postgres', 'data'))]).toEqual([]);
    }
    rmSync(other, { recursive: true });
  }, 60_000);
});

// else the server has the rights of whoever runs the tests
const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

asRoot('as root', () => {
  it('has the rights of a user who owns the data folder and nothing else, also below a folder that only root may enter', async () => {
    const closed = mkdtempSync(join(tmpdir(), 'peftgrid-closed-')); // of mode 0700
    const server = await startEmbeddedPostgres(closed);
    const db = await openDatabase(server.url);
    try {
      const root = join(closed, 'postgres');
      const user = idsOf('peftgrid-postgres')!;
      expect(statSync(closed)).toMatchObject({ uid: 0 });
      expect(statSync(root)).toMatchObject({ uid: 0 });
      expect(statSync(join(root, 'password'))).toMatchObject({ uid: 0 });
      expect(statSync(join(root, 'data'))).toMatchObject(user);
      await db.pool.query('create table seen (line text)');
      const seen = async (program: string) => {
        await db.pool.query('truncate seen');
        await db.pool.query(`copy seen from program '${program}'`);
        return (await db.pool.query<{ line: string }>('select line from seen')).rows.map((row) => row.line);
      };
      for (const file of ['/etc/shadow', join(root, 'password')]) {
        await expect(seen(`head -1 ${file}`)).rejects.toThrow(/failed/);
        await expect(db.pool.query('select pg_read_file($1)', [file])).rejects.toThrow(/Permission denied/);
      }
      await expect(seen('ls ..')).rejects.toThrow(/failed/);
      expect(await seen('id')).toEqual([
        expect.stringMatching(new RegExp(`^uid=${user.uid}\\S* gid=${user.gid}\\S* groups=${user.gid}\\S*$`)),
      ]);
      const pid = readFileSync(join(root, 'data', 'postmaster.pid'), 'utf8').split('\n')[0]!;
      const statuses = [
        readFileSync(`/proc/${pid}/status`, 'utf8').split('\n'),
        await seen('tr "\\t" " " </proc/self/status'),
      ];
      for (const status of statuses) {
        const of = (name: string) =>
          status
            .find((line) => line.startsWith(`${name}:`))
            ?.replace(/\s+/g, ' ')
            .trim();
        for (const name of ['CapInh', 'CapPrm', 'CapEff', 'CapAmb'])
          expect(of(name)).toBe(`${name}: 0000000000000000`);
        expect(of('NoNewPrivs')).toBe('NoNewPrivs: 1');
        expect(of('Uid')).toBe(`Uid: ${[1, 2, 3, 4].map(() => user.uid).join(' ')}`);
        expect(of('Groups')).toBe('Groups:');
      }
      expect((await seen('env')).join(' ')).not.toContain(process.env['HOME']);
    } finally {
      await db.close();
      await server.stop();
      rmSync(closed, { recursive: true });
    }
  }, 60_000);

  it('takes over a database that belonged to another user', async () => {
    execFileSync('chown', ['-R', 'daemon', join(home, 'postgres')]); // an older version's user
    const server = await startEmbeddedPostgres(home);
    expect(await asked(server, 'select * from kept')).toEqual([]);
    await server.stop();
    expect(statSync(join(home, 'postgres'))).toMatchObject({ uid: 0 });
    expect(statSync(join(data, 'base'))).toMatchObject(idsOf('peftgrid-postgres')!);
  }, 60_000);

  it('refuses the home of somebody else', async () => {
    const { uid } = idsOf('daemon')!;
    execFileSync('chown', ['-R', 'daemon', home]);
    await expect(startEmbeddedPostgres(home)).rejects.toThrow(
      `${home} belongs to the user with id ${uid}: run peftgrid as that`,
    );
    chownSync(home, 0, 0);
    await (await startEmbeddedPostgres(home)).stop();
  }, 60_000);
});

/** A process that owns a server, run from source: TypeScript is compiled as it is required. */
const owner = `
  const { transformFileSync } = require('@swc/core');
  const { Module } = require('node:module');
  const options = { swcrc: false, module: { type: 'commonjs' }, jsc: { target: 'es2022', parser: { syntax: 'typescript' } } };
  require.extensions['.ts'] = (module, file) => module._compile(transformFileSync(file, options).code, file);
  const resolve = Module._resolveFilename;
  Module._resolveFilename = (name, ...rest) => resolve(/^\\.\\.?\\//.test(name) ? name.replace(/\\.js$/, '.ts') : name, ...rest);
  require('./embedded.ts').startEmbeddedPostgres(${JSON.stringify(home)}).then(({ url }) => console.log(url));`;
