import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** `away`: connections are cut. `full`: a 507 to whatever is sent. `other-bytes`: a bit of every answer is
 *  flipped. `cut`: answers end in their middle. `slow`: each request is passed on late.
 *  `stalled`: connections stay open, and nothing is answered. */
export type Fault = 'none' | 'away' | 'full' | 'other-bytes' | 'cut' | 'slow' | 'stalled';

export const slowSeconds = 2.5;

/** Something between a client and a server that speaks HTTP, which can be told to fail. */
export class FaultyProxy {
  fault: Fault = 'none';
  /** How many requests the fault has met since it was set. */
  met = 0;
  /** Requests after which the fault is over. */
  times = Infinity;

  private constructor(
    private readonly server: Server,
    private readonly target: () => number,
  ) {}

  static async start(target: () => number): Promise<FaultyProxy> {
    const server = createServer();
    const proxy = new FaultyProxy(server, target);
    server.on('request', (asked, answer) => void proxy.pass(asked, answer));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  set(fault: Fault, times = Infinity): void {
    [this.fault, this.times, this.met] = [fault, times, 0];
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async pass(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const fault = this.met++ < this.times ? this.fault : 'none';
    if (fault === 'away') return void asked.socket.destroy();
    if (fault === 'stalled') return;
    if (fault === 'slow') await sleep(slowSeconds * 1e3);
    if (fault === 'full' && asked.method !== 'GET' && asked.method !== 'HEAD') {
      asked.resume();
      return void answer.writeHead(507).end();
    }
    const { method = 'GET', url = '/', headers } = asked;
    const onward = request({ host: '127.0.0.1', port: this.target(), method, path: url, headers }, (got) => {
      answer.writeHead(got.statusCode!, got.headers);
      const chunks: Buffer[] = [];
      got.on('data', (chunk: Buffer) => chunks.push(chunk));
      got.on('end', () => {
        const body = Buffer.concat(chunks);
        if (fault === 'other-bytes' && body.length) body[body.length - 1]! ^= 1;
        if (fault !== 'cut' || body.length === 0) return void answer.end(body);
        answer.write(body.subarray(0, body.length >> 1), () => answer.destroy());
      });
    });
    onward.on('error', () => answer.destroy());
    asked.pipe(onward);
  }
}
