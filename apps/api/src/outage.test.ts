import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { claimAttempts, renewLease } from '#db/claim-attempts.js';
import { type Database, openDatabase } from '#db/database.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#db/embedded.js';
import { submitExperiment } from '#db/submit.js';
import { isOutage } from '#db/outage.js';
import { inTransaction } from '#db/transition.js';
import { registerWorker } from '#db/workers.js';
import { expand } from '#planner/expand.js';
import { parseGridFile } from '#planner/parse-grid-file.js';
import { serve } from './serve.js';

const home = mkdtempSync(join(tmpdir(), 'peftgrid-outage-'));
const worker = { id: 'w', slots: 5, device: 'none' };
let postgres: EmbeddedPostgres;
let gate: Server; // one address for a server that comes back at another port
let api: Awaited<ReturnType<typeof serve>>;
let db: Database;

beforeAll(async () => {
  postgres = await startEmbeddedPostgres(home);
  gate = createServer(passOn).listen(0, '127.0.0.1');
  await once(gate, 'listening');
  const address = new URL(postgres.url);
  address.port = String((gate.address() as AddressInfo).port);
  const common = { port: 0, host: '127.0.0.1', redisUrl: undefined, token: undefined, home };
  api = await serve({ ...common, databaseUrl: address.href }, pino({ level: 'silent' }));
  db = await openDatabase(address.href);
}, 60_000);
afterAll(async () => {
  await api?.close();
  await db?.close();
  gate?.close();
  await postgres?.stop();
  rmSync(home, { recursive: true, force: true });
}, 60_000);

function passOn(socket: Socket): void {
  const server = connect(Number(new URL(postgres.url).port), '127.0.0.1');
  for (const [from, to] of [
    [socket, server],
    [server, socket],
  ] as const)
    from
      .on('error', () => to.destroy())
      .on('close', () => to.destroy())
      .pipe(to);
}

const gridOf = (name: string): string =>
  `name: ${name}\nbackbone: { name: minilm-l6 }\ntask: { name: wordnet-supersense }\nmethod: { name: head }\nseed: ${name.length}`;

async function dispatched(name: string): Promise<string> {
  const request = parseGridFile(gridOf(name));
  await submitExperiment(db, { request, plan: expand(request), owner: 'local' });
  const trial = await db.prisma.trial.findFirstOrThrow({ orderBy: { createdAt: 'desc' } });
  return attempt(trial.id, 'dispatched');
}

async function attempt(of: string, state: string): Promise<string> {
  for (;;) {
    const found = await db.prisma.attempt.findFirst({ where: { OR: [{ trialId: of }, { id: of }], state } });
    if (found) return found.id;
    await sleep(50);
  }
}

const submitted = () =>
  fetch(`${api.url}/api/experiments`, {
    method: 'POST',
    headers: { 'content-type': 'application/yaml' },
    body: gridOf('during'),
  });

it('survives a connection that ends between two queries', async () => {
  const change = inTransaction(db, async (tx) => {
    await tx.query('select pg_terminate_backend(pg_backend_pid())').catch(() => {});
    await sleep(100);
    await tx.query('select 1');
  });
  await expect(change).rejects.toThrow();
  const asked = db.prisma.$queryRaw`select 1 from (select pg_terminate_backend(pg_backend_pid())) gone`;
  expect(isOutage(await asked.catch((error: unknown) => error))).toBe(true); // Prisma has a code of its own
  expect((await db.pool.query('select 1')).rowCount).toBe(1);
});

it('says that the database is away, gives workers the time to renew their leases after it, and takes the trials of those that do not', async () => {
  await registerWorker(db, worker);
  const ids = [await dispatched('a'), await dispatched('bb')];
  const attempts = await db.prisma.attempt.findMany({ where: { id: { in: ids } } });
  await claimAttempts(db, { attempts }, worker.id, 1);

  await postgres.stop();
  await sleep(1_000); // the leases run out
  const answers = await Promise.all(
    ['/api/experiments', `/api/trials/${randomUUID()}`, `/api/experiments/${randomUUID()}/table`].map(
      (path) => fetch(api.url + path),
    ),
  );
  for (const answer of [...answers, await submitted()]) {
    expect(await answer.json()).toMatchObject({
      status: 503,
      title: 'the database does not answer now; ask again',
    });
    expect(answer.status).toBe(503);
  }
  postgres = await startEmbeddedPostgres(home);
  const [experiment] = await db.prisma.experiment.findMany({ take: 1 });
  expect((await fetch(`${api.url}/api/experiments/${experiment!.id}/table`)).status).toBe(200);
  await registerWorker(db, worker);
  await dispatched('ccc'); // so the dispatcher is at work again
  const leases = await db.pool.query(
    `select bool_and("leaseUntil" < now()) out from "Attempt" where id = any($1)`,
    [ids],
  );
  expect(leases.rows[0]).toEqual({ out: true });
  expect(await renewLease(db, [ids[0]!], 60)).toEqual({ lost: [], cancelled: [] });
  await attempt(ids[1]!, 'lost');
  await attempt(ids[0]!, 'running');
}, 60_000);
