import type { Response } from 'express';
import type { Logger } from 'pino';
import type { ExperimentEvent } from '#contracts/experiment.js';
import type { Database } from '#db/database.js';
import { eventsAfter, latestEventId } from '#db/events.js';
import { listenTo } from '#db/listen-to.js';
import { eventsChannel } from '#db/channels.js';
import { batchText } from './event-frames.js';

const batch = 1_000; // events read at once
const roundMs = 100; // between rounds: at most 10 frames a second for each trial
// of a round for each reader: a thousand writes a second leave the processor to the dispatcher
const readerMs = 1;
const heartbeatMs = 15_000;
const patienceMs = 30_000; // for a reader that takes nothing

export const mostStreams = 200; // of one address

const addressOf = ({ req }: Response): string => req.ip ?? '';

interface Reader {
  address: string;
  experimentId: string;
  cursor: number;
  response: Response;
  stuckSince: number | null;
}

/** Every open event stream, fed from one LISTEN connection. Readers at the same place of the same experiment
 *  share a query and a text. */
export class EventStreams {
  private readonly readers = new Set<Reader>();
  private ears: { close(): Promise<void> } | null = null;
  private heartbeat: NodeJS.Timeout | undefined;
  private timer: NodeJS.Timeout | undefined;
  private busy = false;
  private again = false;

  constructor(
    private readonly db: Database,
    private readonly log: Logger,
  ) {}

  async start(): Promise<void> {
    this.ears = await listenTo(this.db.url, [eventsChannel], () => this.wake());
    this.heartbeat = setInterval(() => this.beat(), heartbeatMs);
  }

  /** Streams what happens to the experiment behind `cursor`, until the client goes. The first frame names the
   *  cursor. False where the client's address has as many streams open as one may have. */
  add(experimentId: string, cursor: number, response: Response): boolean {
    // the client went while its experiment was looked up, and its end was told then
    if (response.destroyed) return true;
    if (this.full(response)) return false;
    const reader: Reader = { address: addressOf(response), experimentId, cursor, response, stuckSince: null };
    const headers = {
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    };
    response.writeHead(200, headers);
    response.write(`event: cursor\nid: ${cursor}\ndata: {}\n\n`);
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
      const restMs = Math.max(roundMs, readerMs * this.readers.size);
      await new Promise<void>((resolve) => (this.timer = setTimeout(resolve, restMs)));
    }
    this.busy = false;
  }

  /** Readers of one experiment meet at the newest event as soon as they have read up to it, whatever they
   *  came with: then one query is enough for them all, and none for those that nothing new has come for. */
  private async round(): Promise<void> {
    if (this.readers.size === 0) return;
    const newest = await latestEventId(this.db);
    const places = new Map<string, Reader[]>();
    for (const reader of this.readers) {
      if (reader.response.writableNeedDrain) reader.stuckSince ??= Date.now();
      else if (reader.cursor < newest) {
        const place = `${reader.experimentId} ${reader.cursor}`;
        const there = places.get(place);
        if (there) there.push(reader);
        else places.set(place, [reader]);
      }
    }
    for (const readers of places.values()) {
      const { experimentId, cursor } = readers[0]!;
      this.send(readers, await eventsAfter(this.db, experimentId, cursor, batch), newest);
    }
  }

  private send(readers: Reader[], events: ExperimentEvent[], newest: number): void {
    const last = events.at(-1)?.id ?? 0;
    const isPart = events.length === batch;
    const text = events.length ? Buffer.from(batchText(events)) : null;
    for (const reader of readers) {
      // ids become visible in order: none is left behind
      reader.cursor = isPart ? last : Math.max(last, newest);
      if (text) reader.response.write(text);
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
      else response.write(':\n\n');
    }
  }
}
