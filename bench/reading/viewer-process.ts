/** Open event streams of one experiment, from as many addresses of this machine as that takes, in a process
 *  of their own: argv URL EXPERIMENT COUNT VIEW. Says `open` when all are; answers any message with the bytes
 *  that have come so far. */
import { get } from 'node:http';

const each = 150; // streams from one address: the API lets each have 200
const [url, experimentId, count, view] = process.argv.slice(2) as [string, string, string, string];
let bytes = 0;

function open(i: number): Promise<void> {
  const { hostname, port } = new URL(url);
  const path = `/api/experiments/${experimentId}/events?view=${view}`;
  const localAddress = `127.0.0.${2 + Math.floor(i / each)}`;
  return new Promise((resolve, reject) => {
    const headers = { 'accept-encoding': 'gzip' }; // as browsers send it
    get({ hostname, port, path, localAddress, headers, agent: false }, (response) => {
      if (response.statusCode !== 200)
        return reject(new Error(`viewer ${i} was answered ${response.statusCode}`));
      response.on('data', (chunk: Buffer) => (bytes += chunk.length));
      response.on('error', () => {});
      resolve();
    }).on('error', reject);
  });
}

async function main(): Promise<void> {
  for (let from = 0; from < Number(count); from += each)
    await Promise.all(Array.from({ length: Math.min(each, Number(count) - from) }, (_, i) => open(from + i)));
  process.on('message', () => process.send!(bytes));
  process.send!('open');
}

process.on('disconnect', () => process.exit());
main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
