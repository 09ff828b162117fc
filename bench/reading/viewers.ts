import { get, type IncomingMessage } from 'node:http';

const each = 150; // streams from one address of this machine: the API lets each have 200

export interface Viewers {
  bytes(): number; // that have come so far, heads left out
  close(): void;
}

/** So many open event streams of one experiment, from as many addresses of this machine as that takes. */
export async function openViewers(url: string, experimentId: string, count: number): Promise<Viewers> {
  let bytes = 0;
  const { hostname, port } = new URL(url);
  const path = `/api/experiments/${experimentId}/events`;
  const open = (i: number) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const localAddress = `127.0.0.${2 + Math.floor(i / each)}`;
      get({ hostname, port, path, localAddress, agent: false }, (response) => {
        if (response.statusCode !== 200) return reject(new Error(`viewer ${i} was answered ${response.statusCode}`));
        response.on('data', (chunk: Buffer) => (bytes += chunk.length));
        response.on('error', () => {});
        resolve(response);
      }).on('error', reject);
    });
  const responses: IncomingMessage[] = [];
  for (let from = 0; from < count; from += each)
    responses.push(...(await Promise.all(Array.from({ length: Math.min(each, count - from) }, (_, i) => open(from + i)))));
  return { bytes: () => bytes, close: () => responses.forEach((response) => response.destroy()) };
}
