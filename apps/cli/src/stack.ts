import { join } from 'node:path';
import { startEmbeddedPostgres } from '#db/embedded.js';
import { Failure } from './failure.js';
import { forked } from './forked.js';
import { type Log, Logs } from './logs.js';
import { prepareEngine } from './prepare-engine.js';
import { built } from './root.js';
import { type Running, Supervised } from './supervised.js';

export interface StackOptions {
  host: string;
  port: number;
  workers: number;
  slots: number;
  listen?: string | undefined; // an address on which machines that join reach the database, besides this one
}

/** Postgres, the API and the workers, started in the order in which they need each other, and kept running.
 */
export class Stack {
  gaveUp: (error: Error) => void = () => {};
  private postgres: Supervised | undefined;
  private readonly programs: Supervised[] = [];
  private stopping = false;

  constructor(
    private readonly home: string,
    private readonly say: (line: string) => void,
  ) {}

  /** The address of the API. Throws where a part does not come up. */
  async start({ host, port, workers, slots, listen }: StackOptions): Promise<string> {
    const logs = new Logs(join(this.home, 'logs'), this.say);
    if (workers > 0) await prepareEngine(this.home);
    const databaseUrl = process.env['DATABASE_URL'] || (await this.startPostgres(logs, listen));
    const env = { ...process.env, DATABASE_URL: databaseUrl, PEFTGRID_HOME: this.home };
    const run = (name: string, script: string, own: NodeJS.ProcessEnv, ready: RegExp): Promise<string> => {
      const log = logs.open(name);
      const program = { name: `the ${name}`, script: built(script), env: { ...env, ...own }, ready };
      const part = { name: program.name, log, launch: () => forked(program, log) };
      return this.supervise(part, () => logs.inTrouble || this.postgres?.isReady === false, this.programs);
    };
    const line = await run(
      'api',
      'apps/api/src/main.js',
      { HOST: host, PORT: String(port) },
      /listening on http/,
    );
    const names = workers === 1 ? ['worker'] : Array.from({ length: workers }, (_, i) => `worker-${i + 1}`);
    await Promise.all(
      names.map((name) =>
        run(name, 'apps/worker/src/main.js', { PEFTGRID_SLOTS: String(slots) }, /worker ready/),
      ),
    );
    return /http\S+/.exec(line)![0].replace(/\/$/, '');
  }

  /** Together, since workers give their trials back through the database; then that. */
  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.programs.map((part) => part.stop()));
    await this.postgres?.stop();
  }

  private async startPostgres(logs: Logs, listen: string | undefined): Promise<string> {
    const log = logs.open('postgres');
    let url: string | undefined; // stays: the parts were told
    const launch = (): Running => embedded(this.home, { url, listen }, log, this.say);
    const part = new Supervised(
      { name: 'the database', log, launch },
      this.around(() => logs.inTrouble),
    );
    if (this.stopping) throw new Failure('stopped while it was starting');
    this.postgres = part;
    url = await part.start();
    return url;
  }

  private supervise(
    part: ConstructorParameters<typeof Supervised>[0],
    excused: () => boolean,
    into: Supervised[],
  ) {
    if (this.stopping) throw new Failure('stopped while it was starting');
    const supervised = new Supervised(part, this.around(excused));
    into.push(supervised);
    return supervised.start();
  }

  private around(excused: () => boolean) {
    return { say: this.say, gaveUp: (error: Error) => this.gaveUp(error), excused };
  }
}

function embedded(
  home: string,
  address: { url: string | undefined; listen: string | undefined },
  log: Log,
  say: (line: string) => void,
): Running {
  const giveUp = new AbortController();
  const output = (chunk: Buffer): void => log.write(chunk);
  const server = startEmbeddedPostgres(home, { log: say, output, signal: giveUp.signal, ...address });
  const ready = server.then((s) => s.url);
  ready.catch(() => {}); // whoever stops us does not wait for it
  const ended = server.then((s) => s.ended, (error: Error) => error.message); // prettier-ignore
  const stop = async (): Promise<void> => {
    giveUp.abort();
    await (await server.catch(() => null))?.stop();
  };
  return { ready, ended, stop };
}
