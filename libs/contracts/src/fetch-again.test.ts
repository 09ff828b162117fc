import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fetchAgain } from './fetch-again.js';

/** A server that hangs up on its first `closes` requests, and counts them. */
async function hangingUp(closes: number) {
  let asked = 0;
  const server = createServer((request, response) => {
    asked++;
    if (asked > closes) response.end('here');
    else request.socket.destroy();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = () => new Promise((done) => server.close(done).closeAllConnections());
  return { url: `http://127.0.0.1:${port}`, close, asked: () => asked };
}

it('asks a question once more where the connection was closed', async () => {
  const server = await hangingUp(1);
  await expect((await fetchAgain(server.url)).text()).resolves.toBe('here');
  expect(server.asked()).toBe(2);
  await server.close();
});

it.each([
  ['asks no third time', undefined, 2],
  ['asks nothing again that may have changed something', 'POST', 1],
])('%s', async (_what, method, times) => {
  const server = await hangingUp(9);
  await expect(fetchAgain(server.url, method === undefined ? {} : { method })).rejects.toThrow(
    'fetch failed',
  );
  expect(server.asked()).toBe(times);
  await server.close();
});
