import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError, PeftgridClient } from '#contracts/client.js';
import { type Database, openDatabase } from '#db/database.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#db/embedded.js';
import { registerWorker } from '#db/workers.js';

// a process is what was built
const main = resolve(__dirname, '..', '..', '..', 'dist', 'apps', 'api', 'src', 'main.js');
const home = mkdtempSync(join(tmpdir(), 'peftgrid-apis-'));
const children: ChildProcess[] = [];
let postgres: EmbeddedPostgres;
let db: Database;

beforeAll(async () => {
  if (!existsSync(main)) throw new Error(`${main} is not there; run "npm run build" first`);
  postgres = await startEmbeddedPostgres(home);
}, 60_000);
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await db?.close();
  await postgres?.stop();
  rmSync(home, { recursive: true, force: true });
}, 60_000);

interface Api {
  child: ChildProcess;
  said(): string;
  url: Promise<string>;
  code: Promise<number | null>;
}

function start(env: Record<string, string> = {}, stdio: 'ipc' | 'ignore' = 'ignore'): Api {
  const all = {
    ...process.env,
    DATABASE_URL: postgres.url,
    PEFTGRID_HOME: home,
    REDIS_URL: '',
    PEFTGRID_TOKEN: '',
    PORT: '0',
    ...env,
  };
  const child = spawn(process.execPath, [main], { env: all, stdio: ['ignore', 'pipe', 'pipe', stdio] });
  children.push(child);
  let text = '';
  const url = new Promise<string>((done, fail) => {
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.setEncoding('utf8').on('data', (more: string) => {
        text += more;
        const address = /listening on (\S+)/.exec(text)?.[1];
        if (address) done(address);
      });
    }
    child.on('exit', () => fail(new Error(`the api ended:\n${text}`)));
  });
  url.catch(() => {});
  return { child, said: () => text, url, code: once(child, 'exit').then(([code]) => code as number | null) };
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(50); // Jest's own limit ends it
}

it('one of two dispatches; when it is killed the other takes over; SIGTERM ends with 0 and open streams', async () => {
  const apis = [start(), start()];
  const urls = await Promise.all(apis.map((a) => a.url));
  db = await openDatabase(postgres.url);
  const leads = (api: Api) => api.said().includes('this process dispatches now');
  await until(() => apis.some(leads));
  const leader = apis.find(leads)!;
  const other = apis.find((a) => a !== leader)!;
  const client = new PeftgridClient(urls[apis.indexOf(other)]!);
  const grid = {
    backbone: { name: 'minilm-l6' },
    task: { name: 'wordnet-supersense' },
    method: { name: 'head' },
  };
  const { id } = await client.submit({
    name: 'two',
    grids: [{ name: 'g', ...grid, grid: { seed: [1, 2, 3, 4, 5, 6] } }],
  });
  await registerWorker(db, { id: 'w1', slots: 1, device: 'none' });
  const attempts = async () =>
    (await db.pool.query<{ n: number }>('select count(*)::int n from "Attempt" where "rungAt" is not null'))
      .rows[0]!.n;
  await until(async () => (await attempts()) === 2); // a slot, and one ahead: never the whole experiment
  await sleep(1500); // several rounds later
  expect([await attempts(), leads(other)]).toEqual([2, false]);

  leader.child.kill('SIGKILL');
  await until(() => leads(other));
  await registerWorker(db, { id: 'w1', slots: 3, device: 'none' });
  await until(async () => (await attempts()) === 4);

  const stream = await fetch(`${urls[apis.indexOf(other)]}/api/experiments/${id}/events`);
  other.child.kill('SIGTERM');
  expect(await other.code).toBe(0);
  await stream.body!.cancel().catch(() => {});
}, 60_000);

it('ends when whoever started it is gone', async () => {
  const api = start({}, 'ipc');
  await api.url;
  api.child.disconnect();
  expect(await api.code).toBe(0);
}, 60_000);

it.each([
  ['hunter2', 'has 7 characters; expected 16 or more characters, such as "openssl rand -hex 32" prints'],
  ['aaaaaaaaaaaaaaaaaaaaaaaa', 'has 1 different characters; expected 16 or more'],
  ['ein Schlüssel, der lang ist', 'has a character that a request cannot carry; expected printable ASCII'],
])(
  'takes no token like %s where others can reach it',
  async (token, message) => {
    const weak = start({ HOST: '0.0.0.0', PEFTGRID_TOKEN: token });
    expect(await weak.code).toBe(1);
    expect(weak.said()).toContain(`PEFTGRID_TOKEN ${message}`);
    expect(weak.said()).not.toContain(token);
  },
  60_000,
);

it.each([
  [{ PEFTGRID_DATA: 'workers' }, 'PEFTGRID_DATA is not read any more: files travel with what is submitted'],
  [
    { PEFTGRID_ROOTS: '/no/such/folder' },
    'PEFTGRID_ROOTS names "/no/such/folder"; expected absolute paths of folders',
  ],
  [{ PEFTGRID_ROOTS: 'data' }, 'PEFTGRID_ROOTS names "data"; expected absolute paths'],
  [{ PEFTGRID_UPLOAD_MB: 'all' }, 'PEFTGRID_UPLOAD_MB is "all"; expected a whole number from 1'],
])(
  'says what is wrong with %j',
  async (env, sentence) => {
    const odd = start(env);
    expect(await odd.code).toBe(1);
    expect(odd.said()).toContain(sentence);
  },
  60_000,
);

it('asks for the token, and for nothing less, where others can reach it', async () => {
  const refused = start({ HOST: '0.0.0.0' });
  expect(await refused.code).toBe(1);
  expect(refused.said()).toBe(
    'peftgrid api: HOST is 0.0.0.0, which others can reach: set PEFTGRID_TOKEN to a secret, or leave HOST at 127.0.0.1\n',
  );
  const token = 'a secret of the test';
  const api = start({ HOST: '0.0.0.0', PEFTGRID_TOKEN: token });
  const url = (await api.url).replace('0.0.0.0', '127.0.0.1');
  for (const wrong of [undefined, 'a secret of the tesT']) {
    const error = await new PeftgridClient(url, { token: wrong }).experiments().catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status: 401 });
  }
  expect(await new PeftgridClient(url, { token }).experiments()).toHaveLength(1);
  expect((await fetch(`${url}/api/health`)).status).toBe(200);
  expect(api.said()).not.toContain(token);
  api.child.kill('SIGTERM');
  expect(await api.code).toBe(0);
}, 60_000);

it('says in one sentence that its port is taken, or that no database answers', async () => {
  const server: Server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  const taken = start({ PORT: String(port) });
  expect(await taken.code).toBe(1);
  expect(taken.said()).toContain(
    `port ${port} of 127.0.0.1 is taken by another program; set PORT to a free one`,
  );
  const lost = start({ DATABASE_URL: `postgresql://me:hidden@127.0.0.1:${port}/x` });
  server.close();
  expect(await lost.code).toBe(1);
  expect(lost.said()).not.toContain('hidden');
}, 60_000);

it('answers no page of another site', async () => {
  const api = start();
  const url = await api.url;
  const asked = async (headers: Record<string, string>) =>
    (await fetch(`${url}/api/experiments`, { headers })).status;
  expect([await asked({ origin: 'https://elsewhere.example' }), await asked({ origin: url })]).toEqual([
    403, 200,
  ]);
  api.child.kill('SIGTERM');
  expect(await api.code).toBe(0);
}, 60_000);
