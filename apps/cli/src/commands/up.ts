import { join } from 'node:path';
import { PeftgridClient } from '#contracts/client.js';
import { identityOf } from '#db/process-identity.js';
import { peftgridHome } from '#engine/install/library.js';
import { killDescendants } from '../descendants.js';
import { Failure } from '../failure.js';
import { freePort } from '../free-port.js';
import { homeFault } from '../home-fault.js';
import { type Common, print, printJson, say } from '../output.js';
import { claimServer, removeServer, type ServerRecord, writeServer } from '../server-record.js';
import { Stack } from '../stack.js';

interface Options extends Common {
  port?: number;
  host?: string;
  workers: number;
  slots: number;
  join?: boolean;
}

const usualPort = 7420;
const longestEndMs = 9_200; // from the first signal to the last process, whatever hangs
const retryMs = 2_000;
const joinHours = 24;

/** `peftgrid up [--port N] [--host A] [--workers N] [--slots N] [--join]`: prints the dashboard's address
 *  when everything is ready, and stays until SIGINT, SIGTERM or SIGHUP; then the workers give their trials
 *  back and everything is taken down within 10 s. Parts that end are started again. Throws Failure where a
 *  server of this home runs already, the port is taken, the home can not be written to, or a part can not be
 *  kept running. */
export async function up(options: Options): Promise<void> {
  const home = peftgridHome();
  const { host = '127.0.0.1' } = options;
  const token = process.env['PEFTGRID_TOKEN'] || undefined;
  if (!isLoopback(host) && !token)
    throw new Failure(`others can reach ${host}: set PEFTGRID_TOKEN to a secret first`);
  const own = { ...identityOf(process.pid), ...(token ? { token } : {}) };
  claim(home, { ...own, url: null });
  const stack = new Stack(home, say);
  const ended = endOf(stack, home);
  ended.catch(() => {}); // awaited below; it may come while we still start
  let failed = true;
  try {
    const port = await portOf(options, host);
    const listen = options.join && !isLoopback(host) ? host : undefined;
    const starting = stack.start({ ...options, host, port, listen });
    const url = await Promise.race([starting, ended.then(() => null)]);
    if (url !== null) await announce(home, { ...own, url }, { ...options, host });
    await ended;
    failed = false;
  } catch (error) {
    throw homeFault(error, home);
  } finally {
    say('stopping …');
    const timer = setTimeout(() => endAtOnce(home, failed ? 1 : 0), longestEndMs);
    await stack.stop();
    killDescendants(); // such as pip, in a first start
    clearTimeout(timer);
    removeServer(home);
    if (process.connected) process.disconnect(); // an open channel to the demo would keep us alive
    setTimeout(() => process.exit(), 500).unref();
  }
}

function claim(home: string, record: ServerRecord): void {
  let running: ServerRecord | null;
  try {
    running = claimServer(home, record);
  } catch (error) {
    throw homeFault(error, home);
  }
  if (!running) return;
  const where = running.url ? `: ${running.url}` : '';
  throw new Failure(`a server of ${home} is running already (process ${running.pid})${where}`);
}

async function announce(
  home: string,
  record: ServerRecord & { url: string },
  options: Options & { host: string },
): Promise<void> {
  const { url } = record;
  const { workers, slots, json } = options;
  const write = (): void => writeServer(home, record);
  try {
    write();
  } catch (error) {
    say(`${(homeFault(error, home) as Error).message}; until then other commands need PEFTGRID_URL=${url}`);
    const again = setInterval(() => {
      try {
        write();
        clearInterval(again);
      } catch {
        // later
      }
    }, retryMs).unref();
  }
  const link = await joinLink(record, options);
  if (json)
    printJson({ url, pid: process.pid, workers, slots, ...(options.join && link ? { join: link } : {}) });
  else print(`peftgrid is up: ${url}`);
  say(
    `${workers} worker${workers === 1 ? '' : 's'}; logs are in ${join(home, 'logs')}; Ctrl-C stops everything`,
  );
  if (link) say(`another worker joins within ${joinHours} h with ./peftgrid worker --join '${link}'`);
  process.send?.({ url }); // to the demo that started us
}

const isLoopback = (host: string): boolean => host === '127.0.0.1' || host === 'localhost' || host === '::1';

/** A link for machines that can reach the server. Its secret is told where it was asked for, or where
 *  somebody looks: not in a log. */
async function joinLink(
  { url, token }: ServerRecord & { url: string },
  { join, host, json }: Options & { host: string },
): Promise<string | null> {
  if (!join && (json || !process.stderr.isTTY || !isLoopback(host))) {
    say('other workers join with a link: ./peftgrid workers join (docs/deployment.md)');
    return null;
  }
  return (await new PeftgridClient(url, { token }).createJoinLink({ hours: joinHours })).url;
}

async function portOf({ port = usualPort }: Options, host: string): Promise<number> {
  const free = await freePort(port, host);
  if (free === null)
    throw new Failure(`port ${port} is taken; choose another with --port, or 0 for any that is free`);
  return free;
}

/** Resolves when we are told to end; rejects when a part can not be kept running. A second signal ends
 *  everything at once. */
function endOf(stack: Stack, home: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let told = 0;
    const end = () => {
      if (++told > 1) endAtOnce(home, 1);
      resolve();
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
    let kept = false;
    process.on('message', (message) => (kept = message === 'keep'));
    process.on('disconnect', () => void (kept || end())); // the demo that started us has died
    stack.gaveUp = reject;
  });
}

function endAtOnce(home: string, code: number): never {
  killDescendants();
  removeServer(home);
  process.exit(code);
}
