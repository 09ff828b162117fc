import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from './database.js';
import { startEmbeddedPostgres } from './embedded.js';
import { migrate } from './migrate.js';

const home = mkdtempSync(join(tmpdir(), 'peftgrid-embedded-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe('startEmbeddedPostgres', () => {
  it('makes a database, migrates it once by however many processes, and finds it again', async () => {
    const first = await startEmbeddedPostgres(home);
    const shared = await startEmbeddedPostgres(home);
    expect(shared.url).toBe(first.url);
    const applied = await Promise.all([migrate(first.url), migrate(first.url), migrate(first.url)]);
    expect(applied.flat()).toEqual(['0001_tables', '0002_adapter_edges']);
    const db = await openDatabase(first.url);
    await db.pool.query(`insert into "Worker" (id, slots, device) values ('w', 1, 'none')`);
    await db.close();
    await shared.stop();
    await first.stop();
    await expect(openDatabase(first.url)).rejects.toThrow(/no Postgres answers at .*:…@/);

    const second = await startEmbeddedPostgres(home);
    const again = await openDatabase(second.url);
    expect((await again.prisma.worker.findMany()).map((w) => w.id)).toEqual(['w']);
    await again.close();
    await second.stop();
  }, 60_000);

  it('comes back with its data when its owner was killed', async () => {
    const child = spawn(process.execPath, ['-e', owner], { cwd: __dirname, stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const before = await openDatabase(line.toString().trim());
    await before.pool.query('create table kept (n int)');
    await before.close();
    child.kill('SIGKILL');
    await once(child, 'exit');
    const after = await startEmbeddedPostgres(home);
    const again = await openDatabase(after.url);
    expect((await again.pool.query('select * from kept')).rows).toEqual([]);
    await again.close();
    await after.stop();
  }, 60_000);

  it('replaces a server that runs on its folder without an owner', async () => {
    const first = await startEmbeddedPostgres(home);
    rmSync(join(home, 'postgres', 'owner.json'));
    const pid = Number(readFileSync(join(home, 'postgres', 'data', 'postmaster.pid'), 'utf8').split('\n')[0]);
    const second = await startEmbeddedPostgres(home);
    expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
    await (await openDatabase(second.url)).close();
    await second.stop();
    await first.stop();
  }, 60_000);
});

/** A process that owns a server, run from source: TypeScript is compiled as it is required. */
const owner = `
  const { transformFileSync } = require('@swc/core');
  const { Module } = require('node:module');
  const options = { swcrc: false, module: { type: 'commonjs' }, jsc: { target: 'es2022', parser: { syntax: 'typescript' } } };
  require.extensions['.ts'] = (module, file) => module._compile(transformFileSync(file, options).code, file);
  const resolve = Module._resolveFilename;
  Module._resolveFilename = (name, ...rest) => resolve(name.startsWith('./') ? name.replace(/\\.js$/, '.ts') : name, ...rest);
  require('./embedded.ts').startEmbeddedPostgres(${JSON.stringify(home)}).then(({ url }) => console.log(url));`;
