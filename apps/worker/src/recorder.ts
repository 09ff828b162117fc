import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { putFolder, type Store } from '#artifacts/store.js';
import type { Metric, TrainEvent } from '#contracts/trainer-messages.js';
import { recordCheckpoint } from '#db/record-checkpoint.js';
import { ingestMetrics, type Progress, recordProgress } from '#db/record-progress.js';
import type { Database } from '#db/database.js';
import { throughOutages } from './outage.js';

const gatherMs = 250; // events wait this long for company
const mostHeld = 200_000; // metrics in memory while Postgres is away, above which the trainer is held still
const batchLength = 2_000; // metrics in one statement

type Checkpoint = Extract<TrainEvent, { type: 'checkpoint' }>;

export interface RecorderOptions {
  db: Database;
  store: Store;
  log(line: string): void;
  /** These attempts' writes were refused: somebody else has the trial. */
  lost(attemptIds: string[]): void;
  /** Too much is waiting to be written (true), or enough of it has been (false). */
  hold(still: boolean): void;
  /** Something cannot be written for another reason: going on is useless. */
  failed(): void;
}

/** Writes down what a gang's trainer says, in order and in batches, however long Postgres is away. A
 *  checkpoint's files are in the store before its row is written. Never throws for a write that was refused:
 *  that is `lost`. */
export class Recorder {
  private waiting: TrainEvent[] = [];
  private held = 0; // metrics in `waiting`
  private still = false;
  private writing: Promise<void> | null = null;
  private failure: Error | null = null;
  private readonly givenUp = new AbortController();
  private readonly ending = new AbortController(); // nothing comes any more that could keep company

  constructor(private readonly options: RecorderOptions) {}

  add(event: TrainEvent): void {
    this.waiting.push(event);
    if (event.type === 'metrics') this.held += event.metrics.length;
    this.holdIfFull();
    this.writing ??= this.write(gatherMs);
  }

  /** Writes at once everything that was said. Throws what a write failed with, but for outages, which it
   *  waits out. */
  async drain(): Promise<void> {
    this.ending.abort();
    while (this.writing) await this.writing;
    if (this.failure) throw this.failure;
  }

  /** Stops waiting for a Postgres that is away; what is not written is dropped. */
  giveUp(): void {
    this.givenUp.abort();
  }

  private async write(pauseMs: number): Promise<void> {
    await sleep(pauseMs, undefined, { signal: this.ending.signal }).catch(() => {});
    try {
      while (this.waiting.length && !this.failure) await this.writeSome();
    } catch (error) {
      this.failure = error as Error;
      this.options.log(`what the trainer said could not be written: ${this.failure.message}`);
      this.options.failed();
    }
    this.writing = null;
  }

  /** A checkpoint, or everything up to the next one. */
  private async writeSome(): Promise<void> {
    const next = this.waiting.findIndex((event) => event.type === 'checkpoint');
    const count = next === 0 ? 1 : next < 0 ? this.waiting.length : next;
    const events = this.waiting.splice(0, count);
    const [first] = events;
    if (first?.type === 'checkpoint') await this.keep(first);
    else await this.report(events);
    this.held -= events.reduce((sum, e) => sum + (e.type === 'metrics' ? e.metrics.length : 0), 0);
    this.holdIfFull();
  }

  private async keep({ attemptId, kind, step, folder }: Checkpoint): Promise<void> {
    const stored = await putFolder(this.options.store, folder);
    const checkpoint = { attemptId, kind, step, ...stored };
    if (!(await this.patiently(() => recordCheckpoint(this.options.db, checkpoint))))
      this.options.lost([attemptId]);
    await rm(folder, { recursive: true, force: true });
  }

  private async report(events: TrainEvent[]): Promise<void> {
    const { db, lost } = this.options;
    const metrics = events.flatMap((event) =>
      event.type === 'metrics' ? event.metrics.map((metric) => ({ attemptId: event.attemptId, metric })) : [],
    );
    for (let i = 0; i < metrics.length; i += batchLength) {
      const batches = gathered(metrics.slice(i, i + batchLength));
      lost(await this.patiently(() => ingestMetrics(db, batches)));
    }
    const progress = newest(events);
    if (progress.length) lost(await this.patiently(() => recordProgress(db, progress)));
  }

  private patiently<T>(work: () => Promise<T>): Promise<T> {
    return throughOutages(work, { signal: this.givenUp.signal, log: this.options.log });
  }

  private holdIfFull(): void {
    const still = this.still ? this.held > mostHeld / 2 : this.held > mostHeld;
    if (still !== this.still) this.options.hold((this.still = still));
  }
}

/** One batch an attempt, in the order in which its numbers came. */
function gathered(
  metrics: { attemptId: string; metric: Metric }[],
): { attemptId: string; metrics: Metric[] }[] {
  const batches = new Map<string, Metric[]>();
  for (const { attemptId, metric } of metrics) {
    const batch = batches.get(attemptId) ?? [];
    batch.push(metric);
    batches.set(attemptId, batch);
  }
  return [...batches].map(([attemptId, metrics]) => ({ attemptId, metrics }));
}

/** Where each attempt is by the last of these events. */
function newest(events: TrainEvent[]): Progress[] {
  const progress = new Map<string, Progress>();
  const stepMs = new Map<string, number>();
  for (const event of events) {
    if (event.type === 'metrics') {
      for (const { name, value } of event.metrics) if (name === 'step-ms') stepMs.set(event.attemptId, value);
    } else if (event.type === 'progress') {
      const { attemptId, step, note } = event;
      progress.set(attemptId, { attemptId, step, note, stepMs: null });
    }
  }
  return [...progress.values()].map((p) => ({ ...p, stepMs: stepMs.get(p.attemptId) ?? null }));
}
