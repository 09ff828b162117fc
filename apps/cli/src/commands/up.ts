import { join } from 'node:path';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#db/embedded.js';
import { peftgridHome } from '#engine/install/library.js';
import { Failure } from '../failure.js';
import { freePort } from '../free-port.js';
import { type Common, print, printJson, say } from '../output.js';
import { prepareEngine } from '../prepare-engine.js';
import { identityOf } from '#db/process-identity.js';
import { built } from '../root.js';
import { claimServer, removeServer, writeServer } from '../server-record.js';
import { Supervised } from '../supervised.js';

interface Options extends Common {
  port?: number;
  host?: string;
  workers: number;
  slots: number;
}

const usualPort = 7420;

/** `peftgrid up [--port N] [--host A] [--workers N] [--slots N]`: prints the dashboard's address when everything is ready, and stays until
 *  SIGINT, SIGTERM or SIGHUP; then the workers give their trials back and everything is taken down. Throws Failure where a server of this
 *  home runs already, or the port is taken. */
export async function up(options: Options): Promise<void> {
  const home = peftgridHome();
  const { host = '127.0.0.1' } = options;
  const token = process.env['PEFTGRID_TOKEN'] || undefined;
  if (host !== '127.0.0.1' && host !== 'localhost' && host !== '::1' && !token)
    throw new Failure(`others can reach ${host}: set PEFTGRID_TOKEN to a secret first`);
  const own = { ...identityOf(process.pid), ...(token ? { token } : {}) };
  const running = claimServer(home, { ...own, url: null });
  if (running) {
    const where = running.url ? `: ${running.url}` : '';
    throw new Failure(`a server of ${home} is running already (process ${running.pid})${where}`);
  }
  const stack = new Stack(home);
  const ended = endOf(stack);
  ended.catch(() => {}); // awaited below; it may come while we still start
  try {
    const port = await portOf(options, host);
    const url = await Promise.race([stack.start(options, host, port), ended.then(() => null)]);
    if (url !== null) {
      writeServer(home, { ...own, url });
      if (options.json) printJson({ url, pid: process.pid, workers: options.workers, slots: options.slots });
      else print(`peftgrid is up: ${url}`);
      say(
        `${options.workers} worker${options.workers === 1 ? '' : 's'}; logs are in ${join(home, 'logs')}; Ctrl-C stops everything`,
      );
      process.send?.({ url }); // to the demo that started us
    }
    await ended;
  } finally {
    say('stopping …');
    await stack.stop();
    removeServer(home);
    if (process.connected) process.disconnect(); // an open channel to the demo would keep us alive
  }
}

async function portOf({ port = usualPort }: Options, host: string): Promise<number> {
  const free = await freePort(port, host);
  if (free === null) throw new Failure(`port ${port} is taken; choose another with --port, or 0 for any that is free`);
  return free;
}

/** Resolves when we are told to end; rejects when a part can not be kept running. A second signal kills at once. */
function endOf(stack: Stack): Promise<void> {
  return new Promise((resolve, reject) => {
    let told = 0;
    const end = () => {
      if (++told > 1) stack.kill();
      resolve();
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
    let kept = false;
    process.on('message', (message) => (kept = message === 'keep'));
    process.on('disconnect', () => void (kept || end())); // the demo that started us has died
    stack.gaveUp = reject;
  });
}

/** Postgres, the API and the workers, in the order in which they need each other. */
class Stack {
  gaveUp: (error: Error) => void = () => {};
  private postgres: Promise<EmbeddedPostgres> | undefined;
  private stopping = false;
  private readonly programs: Supervised[] = [];

  constructor(private readonly home: string) {}

  async start({ workers, slots }: Options, host: string, port: number): Promise<string> {
    if (workers > 0) await prepareEngine(this.home);
    const given = process.env['DATABASE_URL'];
    if (!given && !this.stopping) this.postgres = startEmbeddedPostgres(this.home, say);
    const env = { ...process.env, DATABASE_URL: given ?? (await this.postgres)?.url, PEFTGRID_HOME: this.home };
    const line = await this.run('api', 'apps/api/src/main.js', { ...env, HOST: host, PORT: String(port) }, /listening on http/);
    const each = Array.from({ length: workers }, (_, i) =>
      this.run(
        workers === 1 ? 'worker' : `worker-${i + 1}`,
        'apps/worker/src/main.js',
        { ...env, PEFTGRID_SLOTS: String(slots) },
        /worker ready/,
      ),
    );
    await Promise.all(each);
    return /http\S+/.exec(line)![0].replace(/\/$/, '');
  }

  /** Workers first: they give their trials back through the database. */
  async stop(): Promise<void> {
    this.stopping = true;
    const [api, ...workers] = this.programs;
    await Promise.all(workers.map((w) => w.stop()));
    await api?.stop();
    await (await this.postgres?.catch(() => undefined))?.stop();
  }

  kill(): void {
    for (const program of this.programs) program.kill();
  }

  private run(name: string, path: string, env: NodeJS.ProcessEnv, ready: RegExp): Promise<string> {
    if (this.stopping) throw new Failure('stopped while it was starting');
    const logFile = join(this.home, 'logs', `${name}.log`);
    const program = new Supervised(
      { name: `the ${name}`, script: built(path), env, ready, logFile },
      { say, gaveUp: (e) => this.gaveUp(e) },
    );
    this.programs.push(program);
    return program.start();
  }
}
