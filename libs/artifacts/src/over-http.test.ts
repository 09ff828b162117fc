import { createHash } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { HttpPlace } from './over-http.js';

const silenceMs = 500;
const content = Buffer.from('what is stored');
const hash = createHash('sha256').update(content).digest('hex');

async function against<T>(answer: RequestListener, work: (place: HttpPlace) => Promise<T>): Promise<T> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    return await work(new HttpPlace(`http://127.0.0.1:${port}`, 'token', silenceMs));
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

const read = async (place: HttpPlace): Promise<Buffer> =>
  Buffer.concat((await (await place.read(hash))!.toArray()) as Buffer[]);

it('reads from an API that is slow, as long as bytes move', async () => {
  const slowly: RequestListener = async (_asked, answer) => {
    answer.writeHead(200, { 'content-length': content.length });
    for (const byte of content) {
      answer.write(Buffer.from([byte]));
      await sleep(silenceMs / 6);
    }
    answer.end();
  };
  expect(await against(slowly, read)).toEqual(content);
});

it.each<[string, RequestListener]>([
  ['never answers', () => {}],
  [
    'falls silent in its middle',
    (_asked, answer) => {
      answer.writeHead(200, { 'content-length': content.length });
      answer.write(content.subarray(0, 4));
    },
  ],
])('takes an API that %s for one that is away', (_name, answer) =>
  against(answer, async (place) => {
    const error = await read(place).then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(place.faultOf(error)).toMatchObject({ kind: 'away', message: /^does not answer/ });
  }),
);
