import type { Response } from 'express';
import type { Logger } from 'pino';
import type { ExperimentEvent } from '#contracts/experiment.js';
import type { Database } from '#db/database.js';
import { eventsAfter, latestEventId, liveEvents } from '#db/events.js';
import { listenTo } from '#db/listen-to.js';
import { eventsChannel } from '#db/channels.js';
import { batchText } from './event-frames.js';
import { gzipHead, SharedText, takesGzip } from './shared-text.js';

const batch = 1_000; // events read at once
const liveSpan = 20_000; // events looked through at once for a live view
const roundMs = 100; // between rounds: at most 10 frames a second for each trial
// of a round for each reader: a thousand writes a second leave the processor to the dispatcher
const readerMs = 1;
const liveRoundMs = 500; // between rounds of live views, which nobody reads faster
const liveReaderMs = 4; // of such a round for each live view
const heartbeatMs = 15_000;
const patienceMs = 30_000; // for a reader that takes nothing

export const mostStreams = 200; // of one address

const addressOf = ({ req }: Response): string => req.ip ?? '';

/** What a stream tells. `each`: every event once and in order. `live`: the newest state of what has changed,
 *  without what was in between, and the metrics of some trials. */
export type Told = { experimentId: string } & ({ view: 'each' } | { view: 'live'; metricsOf: string[] });

interface Reader {
  address: string;
  told: Told;
  cursor: number;
  response: Response;
  gzip: boolean;
  stuckSince: number | null;
}

const heartbeat = new SharedText(':\n\n');

const write = ({ response, gzip }: Reader, text: SharedText): boolean =>
  response.write(gzip ? text.gzipped : text.plain);

/** Every open event stream, fed from one LISTEN connection. Readers of the same at the same place share a
 *  query and a text. */
export class EventStreams {
  private readonly readers = new Set<Reader>();
  private ears: { close(): Promise<void> } | null = null;
  private heartbeat: NodeJS.Timeout | undefined;
  private timer: NodeJS.Timeout | undefined;
  private busy = false;
  private again = false;
  private liveAt = -Infinity; // when live views were last told

  constructor(
    private readonly db: Database,
    private readonly log: Logger,
  ) {}

  async start(): Promise<void> {
    this.ears = await listenTo(this.db.url, [eventsChannel], () => this.wake());
    this.heartbeat = setInterval(() => this.beat(), heartbeatMs);
  }

  /** Streams what happens behind `cursor`, until the client goes. The first frame names the cursor. False
   *  where the client's address has as many streams open as one may have. */
  add(told: Told, cursor: number, response: Response): boolean {
    // the client went while its experiment was looked up, and its end was told then
    if (response.destroyed) return true;
    if (this.full(response)) return false;
    const address = addressOf(response);
    const gzip = takesGzip(response.req.headers['accept-encoding']);
    const reader: Reader = { address, told, cursor, response, gzip, stuckSince: null };
    const headers = {
      ...(gzip && { 'content-encoding': 'gzip' }),
      vary: 'accept-encoding',
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    };
    response.writeHead(200, headers);
    if (gzip) response.write(gzipHead);
    write(reader, new SharedText(`event: cursor\nid: ${cursor}\ndata: {}\n\n`));
    response.on('drain', () => {
      reader.stuckSince = null;
      this.wake();
    });
    response.on('error', () => response.destroy());
    response.on('close', () => this.readers.delete(reader));
    this.readers.add(reader);
    this.wake();
    return true;
  }

  private full(response: Response): boolean {
    const address = addressOf(response);
    return [...this.readers].filter((reader) => reader.address === address).length >= mostStreams;
  }

  async stop(): Promise<void> {
    clearInterval(this.heartbeat);
    clearTimeout(this.timer);
    for (const { response } of this.readers) response.end();
    this.readers.clear();
    await this.ears?.close();
  }

  private wake(): void {
    this.again = true;
    if (this.busy) return;
    this.busy = true;
    void this.rounds();
  }

  private async rounds(): Promise<void> {
    while (this.again) {
      this.again = false;
      await this.round().catch((error: unknown) => {
        this.log.error({ err: error }, 'events could not be read; they are tried again');
        this.again = this.readers.size > 0;
      });
      await new Promise<void>((resolve) => (this.timer = setTimeout(resolve, this.restMs())));
    }
    this.busy = false;
  }

  /** Until the next round. Where all are live views nothing is looked up more often than they are told. */
  private restMs(): number {
    const each = [...this.readers].filter(({ told }) => told.view === 'each').length;
    const restMs = Math.max(roundMs, readerMs * each);
    return each === 0 ? Math.max(restMs, this.liveDueMs()) : restMs;
  }

  private liveDueMs(): number {
    const live = [...this.readers].filter(({ told }) => told.view === 'live').length;
    if (live === 0) return 0;
    return this.liveAt + Math.max(liveRoundMs, liveReaderMs * live) - performance.now();
  }

  /** Readers of the same meet at the newest event as soon as they have read up to it, whatever they came
   *  with: then one query is enough for them all, and none for those that nothing new has come for. */
  private async round(): Promise<void> {
    if (this.readers.size === 0) return;
    const tellsLive = this.liveDueMs() <= 0;
    if (tellsLive) this.liveAt = performance.now();
    const newest = await latestEventId(this.db);
    const places = new Map<string, Reader[]>();
    for (const reader of this.readers) {
      const { told, cursor } = reader;
      if (reader.response.writableNeedDrain) reader.stuckSince ??= Date.now();
      else if (cursor < newest) {
        if (told.view === 'live' && !tellsLive) {
          this.again = true; // they are told in a later round
          continue;
        }
        const place = JSON.stringify([told, cursor]);
        const there = places.get(place);
        if (there) there.push(reader);
        else places.set(place, [reader]);
      }
    }
    for (const readers of places.values()) await this.tell(readers, newest);
  }

  /** Ids become visible in order: no event is left behind the cursor that readers have then. */
  private async tell(readers: Reader[], newest: number): Promise<void> {
    const { told, cursor } = readers[0]!;
    if (told.view === 'live') {
      const upTo = Math.min(newest, cursor + liveSpan);
      const events = await liveEvents(this.db, { ...told, after: cursor, upTo });
      return this.send(readers, events, upTo, upTo < newest);
    }
    const events = await eventsAfter(this.db, told.experimentId, cursor, batch);
    const last = events.at(-1)?.id ?? 0;
    const isPart = events.length === batch;
    this.send(readers, events, isPart ? last : Math.max(last, newest), isPart);
  }

  private send(readers: Reader[], events: ExperimentEvent[], cursor: number, isPart: boolean): void {
    const text = events.length ? new SharedText(batchText(events)) : null;
    for (const reader of readers) {
      reader.cursor = cursor;
      if (text) write(reader, text);
    }
    if (isPart) this.again = true;
  }

  /** A comment shows the reader that the connection lives; one that takes nothing is cut off, and comes back
   *  with its cursor. */
  private beat(): void {
    for (const reader of this.readers) {
      const { response, stuckSince } = reader;
      if (stuckSince !== null && Date.now() - stuckSince > patienceMs) response.destroy();
      else if (response.writableNeedDrain) reader.stuckSince ??= Date.now();
      else write(reader, heartbeat);
    }
  }
}
