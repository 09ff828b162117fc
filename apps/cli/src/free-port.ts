import { createServer } from 'node:net';

/** Whether this port can be listened on; 0 gives a free one. Resolves to the port, or null where it is taken.
 */
export function freePort(port: number, host = '127.0.0.1'): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen(port, host, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : null));
    });
  });
}
