import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { PeftgridClient } from '#contracts/client.js';
import { readJoinUrl } from '#contracts/join.js';
import { codeVersion, versionsFit } from '#db/code-version.js';
import { cudaFolder } from '#engine/install/cuda.js';
import { peftgridHome } from '#engine/install/library.js';
import { connect } from '../connect.js';
import { Failure } from '../failure.js';
import { say } from '../output.js';
import { prepareEngine } from '../prepare-engine.js';
import { built } from '../root.js';

interface Options {
  join?: string;
  slots: number;
  device?: string;
  labels?: string;
  drain?: number;
}

/** `peftgrid worker [--join LINK] [--slots N] [--device D] [--labels A,B] [--drain S]`: a worker in this
 *  process's place, until it is told to end. It knows its server from a join link (or PEFTGRID_JOIN), from
 *  DATABASE_URL, REDIS_URL and ARTIFACTS, or else from the `up` that runs on this home. Throws Failure with
 *  one sentence where it can not start. */
export async function worker({ join, slots, device, labels, drain }: Options): Promise<void> {
  const home = peftgridHome();
  const link = join === '-' ? (await text(process.stdin)).trim() : (join ?? process.env['PEFTGRID_JOIN']);
  process.title = 'peftgrid worker'; // a link on the command line is no longer shown to other users
  const server = await environmentOf(link);
  const cuda = device?.startsWith('cuda') === true && !existsSync(cudaFolder(home));
  await prepareEngine(home, cuda);
  const own = {
    PEFTGRID_HOME: home,
    PEFTGRID_SLOTS: String(slots),
    ...(device === undefined ? {} : { PEFTGRID_DEVICE: device }),
    ...(labels === undefined ? {} : { PEFTGRID_LABELS: labels }),
    ...(drain ? { PEFTGRID_DRAIN_S: String(drain) } : {}),
  };
  const { PEFTGRID_JOIN: _secret, ...inherited } = process.env;
  const script = built('apps/worker/src/main.js');
  // In a group of its own, so that a Ctrl-C in the terminal reaches it once, through us.
  const child = fork(script, [], { env: { ...inherited, ...server, ...own }, execArgv: [], detached: true });
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  process.exitCode = await new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
}

/** What tells a worker of its server. */
async function environmentOf(link: string | undefined): Promise<Record<string, string>> {
  if (link !== undefined && link !== '') return join(link);
  if (process.env['DATABASE_URL']) return {};
  const { client, url } = await connect().catch((cause: Error) => {
    throw new Failure(
      `which server? give --join LINK, or set DATABASE_URL (and REDIS_URL, ARTIFACTS), or start ./peftgrid up on this home: ${cause.message}`,
      [],
      { cause },
    );
  });
  const { url: own } = await client.createJoinLink({ hours: 1 });
  return join(`${url.replace(/\/+$/, '')}/${new URL(own).hash}`);
}

async function join(link: string): Promise<Record<string, string>> {
  const { url, secret } = read(link);
  const { version, joinId, environment } = await new PeftgridClient(url, { token: secret }).join();
  const ours = codeVersion();
  const fit = versionsFit(ours, version);
  if (fit === 'other')
    throw new Failure(
      `this is peftgrid ${ours}, and the server at ${url} is ${version}: use the server's version here`,
    );
  if (fit === 'close')
    say(`this is peftgrid ${ours}, and the server is ${version}: numbers may differ where the commits do`);
  say(`joined ${url}`);
  return { REDIS_URL: '', ARTIFACTS: '', ...environment, PEFTGRID_URL: url, PEFTGRID_JOIN_ID: joinId };
}

function read(link: string): ReturnType<typeof readJoinUrl> {
  try {
    return readJoinUrl(link);
  } catch (error) {
    throw new Failure((error as Error).message);
  }
}
