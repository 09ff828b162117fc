import { ApiError, type PeftgridClient } from '#contracts/client.js';
import type { CellView, ExperimentEvent, ExperimentView } from '#contracts/experiment.js';
import type { Metric } from '#contracts/trainer-messages.js';
import { applyNews, keepEqual, placesOf, type TrialNews } from './apply-news.js';
import { type Paced, paced } from './paced.js';

export interface Snapshot {
  experiment: ExperimentView | null; // null: not read yet
  cells: readonly CellView[];
  others: ReadonlyMap<string, TrialNews>; // trials that no cell is, but that cells wait for
  results: number; // grows when a cell changes its state or its numbers
  problem: Error | null; // why this may be out of date
}

type TellMetrics = (metrics: readonly Metric[]) => void;
const rereadMs = 15_000; // events lack a queue's length and results; what was missed before the first event comes with it too

/** An experiment as it is now: read once, kept up to date by its events, and read again when results are there. */
export class LiveExperiment {
  private snapshot: Snapshot = { experiment: null, cells: [], others: new Map(), results: 0, problem: null };
  private places = new Map<string, number[]>();
  private readonly listeners = new Set<() => void>();
  private readonly metricListeners = new Map<string, Set<TellMetrics>>();
  private readonly news = new Map<string, TrialNews>(); // the newest of each trial, not shown yet
  private since: TrialNews[] | null = null; // what came while cells were read
  private readonly end = new AbortController();
  private readonly cellReader: Paced;
  private readonly headReader: Paced;
  private flushing: ReturnType<typeof setTimeout> | undefined;
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly client: PeftgridClient,
    readonly id: string,
  ) {
    this.cellReader = paced(() => this.guarded(() => this.readCells()), 1_000);
    this.headReader = paced(() => this.guarded(() => this.readHead()), 500);
  }

  start(): void {
    void this.follow();
    this.read();
    this.timer = setInterval(() => this.isOver || this.read(), rereadMs);
  }

  stop(): void {
    this.end.abort();
    this.cellReader.stop();
    this.headReader.stop();
    clearInterval(this.timer);
    clearTimeout(this.flushing);
  }

  /** Everything anew, as soon as the API can bear it. */
  read(): void {
    this.headReader.ask();
    this.cellReader.ask();
  }

  readonly current = (): Snapshot => this.snapshot;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Metrics of one trial from now on. */
  onMetrics(trialId: string, tell: TellMetrics): () => void {
    const listeners = this.metricListeners.get(trialId) ?? new Set();
    this.metricListeners.set(trialId, listeners.add(tell));
    return () => listeners.delete(tell);
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

  private async follow(): Promise<void> {
    await this.guarded(async () => {
      for await (const event of this.client.events(this.id, { signal: this.end.signal })) this.hear(event);
    });
  }

  private hear(event: ExperimentEvent): void {
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

  private async readCells(): Promise<void> {
    this.since = [];
    const read = await this.client.cells(this.id);
    const places = placesOf(read);
    const cells = keepEqual(this.snapshot.cells, applyNews(read, places, this.since));
    this.since = null;
    this.places = places;
    this.change({ cells, results: this.snapshot.results + 1 });
  }

  private async guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (this.end.signal.aborted) return;
      this.change({ problem: error instanceof ApiError || error instanceof Error ? error : new Error(String(error)) });
    }
  }

  private change(part: Partial<Snapshot>): void {
    if (this.end.signal.aborted) return;
    this.snapshot = { ...this.snapshot, ...part };
    for (const listener of this.listeners) listener();
  }
}
