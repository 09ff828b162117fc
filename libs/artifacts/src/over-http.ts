import { createReadStream } from 'node:fs';
import { createHash } from 'node:crypto';
import { Readable, Transform } from 'node:stream';
import { DamagedArtifact } from './faults.js';
import { networkFault, silenceMs, Stalled } from './network-fault.js';
import { checkedHash, type Place } from './place.js';

const probe = Buffer.alloc(1 << 20);

/** The store of a peftgrid's API, for workers that share no folder with it. The API verifies what comes and
 *  what goes. */
export class HttpPlace implements Place {
  readonly name: string;

  constructor(
    private readonly base: string,
    private readonly token: string,
    private readonly silence = silenceMs,
  ) {
    this.name = `of the API at ${base}`;
  }

  async sizes(hashes: readonly string[]): Promise<Map<string, number>> {
    const found = new Map<string, number>();
    for (const hash of hashes) {
      const bytes = await this.renew(hash);
      if (bytes !== null) found.set(hash, bytes);
    }
    return found;
  }

  async renew(hash: string): Promise<number | null> {
    const response = await this.ask(hash, { method: 'HEAD' });
    if (response.status === 404) return null;
    await this.expect(response);
    return Number(response.headers.get('content-length'));
  }

  async read(hash: string): Promise<Readable | null> {
    const watch = new Watch(this.silence);
    let response: Response;
    try {
      response = await this.ask(hash, { signal: watch.signal });
      if (response.status === 404) await response.body?.cancel();
      else if (response.status === 410) throw new DamagedArtifact(hash, await titleOf(response));
      else await this.expect(response);
    } catch (error) {
      watch.end();
      throw error;
    }
    if (response.status === 404) {
      watch.end();
      return null;
    }
    return watch.over(Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]));
  }

  async write({ hash, file }: { hash: string; file: string }): Promise<void> {
    await this.put(hash, createReadStream(file));
  }

  /** The API looked at them before it sent them. */
  async forget(): Promise<boolean> {
    return false;
  }

  async probe(): Promise<void> {
    await this.put(createHash('sha256').update(probe).digest('hex'), Readable.from([probe]));
  }

  faultOf(error: unknown) {
    if (error instanceof HttpRefusal) return error.fault;
    const lost = networkFault(error);
    return lost ? { kind: 'away' as const, message: lost } : null;
  }

  private async put(hash: string, content: Readable): Promise<void> {
    const watch = new Watch(this.silence);
    try {
      const body = Readable.toWeb(watch.over(content));
      const headers = { 'content-type': 'application/octet-stream' };
      await this.expect(
        await this.ask(hash, {
          method: 'PUT',
          headers,
          body,
          duplex: 'half',
          signal: watch.signal,
        } as RequestInit),
      );
    } finally {
      watch.end();
      content.destroy();
    }
  }

  private ask(hash: string, init: RequestInit): Promise<Response> {
    const headers = {
      ...(init.headers as Record<string, string> | undefined),
      authorization: `Bearer ${this.token}`,
    };
    const signal = init.signal ?? AbortSignal.timeout(this.silence);
    return fetch(`${this.base}/api/artifacts/${checkedHash(hash)}`, { ...init, headers, signal });
  }

  private async expect(response: Response): Promise<void> {
    if (!response.ok) throw new HttpRefusal(response.status, await titleOf(response));
  }
}

/** An answer that is not the one that was asked for. */
class HttpRefusal extends Error {
  constructor(
    private readonly status: number,
    title: string,
  ) {
    super(title);
  }

  get fault() {
    const { status, message } = this;
    if (status === 507) return { kind: 'full' as const, message: `is full: ${message}` };
    if (status >= 500 || status === 429 || status === 408)
      return { kind: 'away' as const, message: `answers ${status}: ${message}` };
    return { kind: 'refused' as const, message: `answers ${status}: ${message}` };
  }
}

async function titleOf(response: Response): Promise<string> {
  const problem = (await response.json().catch(() => null)) as { title?: unknown } | null;
  return typeof problem?.title === 'string' ? problem.title : response.statusText;
}

/** Aborts a request over which no byte has moved for a while. */
class Watch {
  private readonly abort = new AbortController();
  private timer: NodeJS.Timeout;

  constructor(private readonly silence: number) {
    this.timer = this.started();
  }

  get signal(): AbortSignal {
    return this.abort.signal;
  }

  /** The same bytes, watched until they end. */
  over(content: Readable): Readable {
    const watched = new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        clearTimeout(this.timer);
        this.timer = this.started();
        done(null, chunk);
      },
    });
    content.once('error', (error) => watched.destroy(error));
    watched.once('close', () => {
      content.destroy();
      this.end();
    });
    return content.pipe(watched);
  }

  end(): void {
    clearTimeout(this.timer);
  }

  private started(): NodeJS.Timeout {
    return setTimeout(
      () => this.abort.abort(new Stalled(`no byte moved for ${this.silence / 1e3} s`)),
      this.silence,
    );
  }
}
