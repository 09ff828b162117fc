import { ApiError, type PeftgridClient } from '#contracts/client.js';
import type { CellView, ExperimentEvent, ExperimentView } from '#contracts/experiment.js';
import type { Metric } from '#contracts/trainer-messages.js';
import { applyNews, merged, placesOf, type TrialNews } from './apply-news.js';
import { type Paced, paced } from './paced.js';

export interface Snapshot {
  experiment: ExperimentView | null; // null: not read yet
  cells: readonly CellView[];
  others: ReadonlyMap<string, TrialNews>; // trials that no cell is, but that cells wait for
  results: number; // grows when a cell changes its state or its numbers
  problem: Error | null; // why this may be out of date
}

type TellMetrics = (metrics: readonly Metric[]) => void;
// events lack results, paces and the time left: they are read again where something has happened
const rereadMs = 15_000;
const mostMetricsOf = 50; // trials, as the API lets a live view have

/** An experiment as it is now: read once, kept up to date by its events, which say what is to be read again.
 *  While nothing happens, nothing is sent. */
export class LiveExperiment {
  private snapshot: Snapshot = { experiment: null, cells: [], others: new Map(), results: 0, problem: null };
  private places = new Map<string, number[]>();
  private readonly listeners = new Set<() => void>();
  private readonly metricListeners = new Map<string, Set<TellMetrics>>();
  private readonly news = new Map<string, TrialNews>(); // the newest of each trial, not shown yet
  private since: TrialNews[] | null = null; // what came while cells were read
  private at: number | null = null; // the newest event that the cells know; null: not read yet
  private hasNews = false; // since the last look at the clock
  private readonly end = new AbortController();
  private readonly cellReader: Paced;
  private readonly headReader: Paced;
  private stream: AbortController | null = null; // of the events; null: not followed yet
  private heard = 0; // the newest event
  private flushing: ReturnType<typeof setTimeout> | undefined;
  private refollowing: ReturnType<typeof setTimeout> | undefined;
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly client: PeftgridClient,
    readonly id: string,
  ) {
    this.cellReader = paced(() => this.guard(() => this.readCells()), 1_000);
    this.headReader = paced(() => this.guard(() => this.readHead()), 500);
  }

  start(): void {
    this.read();
    this.timer = setInterval(() => this.readNews(), rereadMs);
  }

  stop(): void {
    this.end.abort();
    this.cellReader.stop();
    this.headReader.stop();
    clearInterval(this.timer);
    clearTimeout(this.flushing);
    clearTimeout(this.refollowing);
  }

  private readNews(): void {
    if (this.isOver || (!this.hasNews && this.at !== null && this.snapshot.problem === null)) return;
    this.hasNews = false;
    this.read();
  }

  /** What has changed, as soon as the API can bear it. */
  read(): void {
    this.headReader.ask();
    this.cellReader.ask();
  }

  readonly current = (): Snapshot => this.snapshot;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Metrics of one trial from now on, until the function that it returns is called. */
  onMetrics(trialId: string, tell: TellMetrics): () => void {
    const listeners = this.metricListeners.get(trialId) ?? new Set();
    this.metricListeners.set(trialId, listeners.add(tell));
    if (listeners.size === 1) this.refollow();
    return () => {
      listeners.delete(tell);
      if (listeners.size === 0 && this.metricListeners.delete(trialId)) this.refollow();
    };
  }

  /** A view that an action has answered with. */
  adopt(experiment: ExperimentView): void {
    this.change({ experiment });
    this.read();
  }

  private get isOver(): boolean {
    const state = this.snapshot.experiment?.state;
    return (state === 'finished' || state === 'cancelled') && this.snapshot.problem === null;
  }

  /** Events behind the newest that was heard, with the metrics that somebody looks at, until others are. */
  private async follow(): Promise<void> {
    const stream = (this.stream = new AbortController());
    const signal = AbortSignal.any([this.end.signal, stream.signal]);
    const metrics = [...this.metricListeners.keys()].slice(0, mostMetricsOf);
    await this.guard(async () => {
      for await (const event of this.client.events(this.id, {
        after: this.heard,
        view: 'live',
        metrics,
        signal,
      })) {
        this.heard = Math.max(this.heard, event.id);
        this.hear(event);
      }
    });
  }

  /** A browser has few connections to a server: there is one stream, opened anew for other metrics. */
  private refollow(): void {
    clearTimeout(this.refollowing);
    this.refollowing = setTimeout(() => {
      if (!this.stream || this.end.signal.aborted) return;
      this.stream.abort();
      void this.follow();
    }, 100);
  }

  private hear(event: ExperimentEvent): void {
    this.hasNews = true;
    if (event.type === 'metrics') {
      for (const tell of this.metricListeners.get(event.trialId) ?? []) tell(event.metrics);
      return;
    }
    if (event.type === 'experiment') return this.read();
    this.news.set(event.trialId, event);
    this.since?.push(event);
    this.flushing ??= setTimeout(() => this.flush(), this.snapshot.cells.length > 2_000 ? 400 : 100);
  }

  /** What happened since the last time, at once. */
  private flush(): void {
    this.flushing = undefined;
    const news = [...this.news.values()];
    this.news.clear();
    const cells = applyNews(this.snapshot.cells, this.places, news);
    const before = this.snapshot.cells;
    const moved = cells.some((cell, i) => cell.state !== before[i]!.state);
    const elsewhere = news.filter((n) => !this.places.has(n.trialId)).map((n) => [n.trialId, n] as const);
    const others = elsewhere.length ? new Map([...this.snapshot.others, ...elsewhere]) : this.snapshot.others;
    this.change({ cells, others, results: this.snapshot.results + (moved ? 1 : 0) });
    if (moved || elsewhere.length) this.headReader.ask();
    if (cells.some((cell) => cell.state === 'succeeded' && !cell.summary)) this.cellReader.ask();
  }

  private async readHead(): Promise<void> {
    this.change({ experiment: await this.client.experiment(this.id), problem: null });
  }

  /** At first all cells, page by page; after that those that have changed. The events behind the first page
   *  are followed. */
  private async readCells(): Promise<void> {
    const isFirst = this.at === null;
    this.since = [];
    let at = this.at;
    let whole: CellView[] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const asked = { ...(this.at !== null && { since: String(this.at) }), ...(cursor && { cursor }) };
      const page = await this.client.cellsPage(this.id, asked);
      if (cursor === undefined) at = page.at;
      whole = whole.concat(page.cells);
      cursor = page.next;
    }
    const read = applyNews(whole, placesOf(whole), this.since);
    const cells = isFirst ? read : merged(this.snapshot.cells, read);
    this.since = null;
    this.at = at;
    if (isFirst) this.places = placesOf(cells);
    if (cells !== this.snapshot.cells) this.change({ cells, results: this.snapshot.results + 1 });
    if (!isFirst) return;
    this.heard = at!;
    void this.follow();
  }

  private async guard(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (this.end.signal.aborted) return;
      this.change({
        problem: error instanceof ApiError || error instanceof Error ? error : new Error(String(error)),
      });
    }
  }

  private change(part: Partial<Snapshot>): void {
    if (this.end.signal.aborted) return;
    this.snapshot = { ...this.snapshot, ...part };
    for (const listener of this.listeners) listener();
  }
}
