import { fork } from 'node:child_process';
import { PeftgridClient } from '#contracts/client.js';
import type { CellView } from '#contracts/experiment.js';
import { peftgridHome } from '#engine/install/library.js';
import { Failure } from '../failure.js';
import { freePort } from '../free-port.js';
import { readGridFile } from '../grid-file.js';
import { type Common, print, printJson, say } from '../output.js';
import { prepareEngine } from '../prepare-engine.js';
import { built, root } from '../root.js';
import { readServer } from '../server-record.js';
import { tablesOf } from './table.js';
import { follow } from './watch.js';
import { counted } from '../counted.js';

interface DemoServer {
  url: string;
  token: string | undefined;
  leave(keep: boolean): Promise<void>;
}

/** `peftgrid demo [--keep]`: installs the engine, submits examples/demo.yaml to the server that runs or to
 *  one of its own, shows it live, prints the tables and stops what it started. What was trained before is not
 *  trained again. */
export async function demo({ keep = false, json }: Common & { keep?: boolean }): Promise<void> {
  const home = peftgridHome();
  await prepareEngine(home);
  const { request } = readGridFile(`${root}/examples/demo.yaml`);
  const server = await serverFor(home);
  try {
    const client = new PeftgridClient(server.url, { token: server.token });
    const view = await client.submit(request);
    say(
      `${view.name}: ${counted(view.cells, 'cell')}, ${view.reused} of them done or under way already; see it at ${server.url}`,
    );
    await follow({ client, url: server.url }, view.id, {});
    const cells = await client.cells(view.id);
    if (json) printJson({ experiment: await client.experiment(view.id), cells });
    else print(tablesOf(cells, { format: 'text' }));
    say(gangsIn(cells));
    say(
      keep
        ? `the server goes on at ${server.url}`
        : 'to look at it again: ./peftgrid up, then open its address in a browser',
    );
  } finally {
    await server.leave(keep);
  }
}

function gangsIn(cells: readonly CellView[]): string {
  const ganged = cells.filter(({ summary }) => (summary?.gang ?? 1) > 1).length;
  return ganged === 0
    ? 'no gangs: every trial trained alone'
    : `gangs: ${counted(ganged, 'cell')} of ${cells.length} shared steps with others`;
}

/** The server that runs on this home, which is then left alone, or one that ends with us in whatever way we
 *  end. */
async function serverFor(home: string): Promise<DemoServer> {
  const running = readServer(home);
  if (running?.url) return { url: running.url, token: running.token, leave: async () => {} };
  const port = (await freePort(7420)) ?? (await freePort(0));
  const child = fork(built('apps/cli/src/main.js'), ['up', '--port', String(port)], {
    detached: true, // a Ctrl-C is ours to pass on
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { PEFTGRID_GANG: '1', ...process.env }, // its tables are README.md's, digit for digit
  });
  let text = '';
  child.stderr!.on('data', (chunk: Buffer) => void (text = (text + chunk.toString()).slice(-2000)));
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const leave = async (keep: boolean) => {
    if (keep && child.connected) {
      child.send('keep', () => child.disconnect());
      child.stderr!.destroy();
      child.unref();
      return;
    }
    child.kill('SIGTERM');
    await closed;
  };
  process.once('SIGINT', () => void leave(false).then(() => process.exit(130)));
  process.once('SIGTERM', () => void leave(false).then(() => process.exit(143)));
  const ready = new Promise<string>((resolve) =>
    child.on('message', (m) => resolve((m as { url: string }).url)),
  );
  const url = await Promise.race([ready, closed.then(() => null)]);
  if (url === null)
    throw new Failure(
      `the server did not start: ${text
        .trim()
        .split('\n')
        .at(-1)
        ?.replace(/^peftgrid: /, '')}`,
    );
  return { url, token: process.env['PEFTGRID_TOKEN'], leave };
}
