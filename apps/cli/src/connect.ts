import { PeftgridClient } from '#contracts/client.js';
import { peftgridHome } from '#engine/install/library.js';
import { Failure } from './failure.js';
import { readServer } from './server-record.js';

export interface Server {
  client: PeftgridClient;
  url: string;
}

/** The server that commands talk to: PEFTGRID_URL, else the one that `peftgrid up` keeps on this home. Throws
 *  Failure where there is none or where it does not answer. */
export async function connect(): Promise<Server> {
  const url = process.env['PEFTGRID_URL'];
  if (url) return reach(url, process.env['PEFTGRID_TOKEN']);
  const record = readServer(peftgridHome());
  if (!record) throw new Failure('no server is running: start one with ./peftgrid up');
  if (!record.url) throw new Failure('the server is still starting: try again in a few seconds');
  return reach(record.url, record.token);
}

/** The same; null where no server was started on this home and none is named. */
export async function connectIfAny(): Promise<Server | null> {
  return process.env['PEFTGRID_URL'] || readServer(peftgridHome()) ? connect() : null;
}

async function reach(url: string, token: string | undefined): Promise<Server> {
  if (!URL.canParse(url))
    throw new Failure(`PEFTGRID_URL is "${url}"; expected an address such as http://127.0.0.1:7420`);
  if (!(await answers(url))) throw new Failure(`no answer from the server at ${url}`);
  return { client: new PeftgridClient(url, { token }), url };
}

/** Whether something answers there within `milliseconds`, whatever it says. */
export async function answers(url: string, milliseconds = 5000): Promise<boolean> {
  try {
    await fetch(new URL('/api/health', url), { signal: AbortSignal.timeout(milliseconds) });
    return true;
  } catch {
    return false;
  }
}
