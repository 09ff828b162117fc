import { z } from 'zod';
import { CellsPage, type CellsQuery } from './cells.js';
import {
  type CellView,
  type CheckpointView,
  CurveView,
  ExperimentEvent,
  ExperimentView,
  PlanView,
  Problem,
  TrialView,
} from './experiment.js';
import { fetchAgain } from './fetch-again.js';
import { FoundTrial, RetriedView } from './found-trial.js';
import type { CreateExperiment } from './grid.js';
import { type InputsQuery, MissingInputs } from './input.js';
import { type NeighboursQuery, NeighboursView } from './neighbours.js';
import { type PredictionsQuery, PredictionsView } from './predictions.js';
import { frames } from './sse.js';
import { type CreateJoinLink, JoinedView, JoinLinkView, NewJoinLink } from './join.js';
import { CollectedView, type CollectGarbage, DiskUse, RemovalView } from './removal.js';
import {
  CurvesPage,
  type CurvesQuery,
  type ScalingQuery,
  ScalingView,
  type TableQuery,
  TableView,
} from './tables.js';
import { WorkerView } from './worker.js';

/** What is submitted, with anything that has a default left out; or the text of a grid file (YAML or JSON).
 */
export type Submission = z.input<typeof CreateExperiment> | string;

type TableInput = z.input<typeof TableQuery>;

/** A request that was refused, or answered with something else than was promised. `message` can be shown as
 *  it is. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    title: string,
    readonly issues: Problem['issues'] = [],
  ) {
    super([title, ...issues.map((i) => (i.path ? `${i.path}: ${i.message}` : i.message))].join('\n'));
    this.name = 'ApiError';
  }
}

const silenceMs = 45_000; // the API sends a heartbeat every 15 s: three missed mean a dead connection
export interface EventsWish {
  after?: number | undefined; // the id of an event
  view?: 'each' | 'live' | undefined;
  metrics?: readonly string[]; // trials whose metrics a live view has too
  signal?: AbortSignal | undefined;
}

const longestPauseMs = 5_000; // between attempts to reconnect

/** The one HTTP client of peftgrid, in Node and in the browser. Every answer is parsed by its contract. A
 *  refused request throws ApiError; where nothing answers, an Error that names the address. */
export class PeftgridClient {
  private readonly base: string;
  private readonly headers: Record<string, string>;

  constructor(baseUrl: string, { token }: { token?: string | undefined } = {}) {
    this.base = baseUrl.replace(/\/+$/, '');
    this.headers = token ? { authorization: `Bearer ${token}` } : {};
  }

  submit(experiment: Submission): Promise<ExperimentView> {
    return this.json(ExperimentView, '/api/experiments', body(experiment));
  }

  plan(experiment: Submission): Promise<PlanView> {
    return this.json(PlanView, '/api/plan', body(experiment));
  }

  /** What of these inputs is to be uploaded before they are submitted. */
  missingInputs(query: z.input<typeof InputsQuery>): Promise<MissingInputs> {
    return this.json(MissingInputs, '/api/inputs/missing', body(query));
  }

  /** Uploads the content of one file, which must have this hash. */
  async uploadInput(hash: string, content: ReadableStream<Uint8Array>): Promise<void> {
    const headers = { 'content-type': 'application/octet-stream' };
    const init = { method: 'PUT', headers, body: content, duplex: 'half' };
    await this.request(`/api/inputs/${hash}`, init as RequestInit);
  }

  /** All, or those with this name or whose ids begin like this; newest first. */
  experiments(asked: { called?: string } = {}): Promise<ExperimentView[]> {
    return this.json(z.array(ExperimentView), `/api/experiments${queryText(asked)}`);
  }

  experiment(id: string): Promise<ExperimentView> {
    return this.json(ExperimentView, `/api/experiments/${encodeURIComponent(id)}`);
  }

  /** A page of cells in the order of the file. */
  cellsPage(id: string, asked: z.input<typeof CellsQuery> = {}): Promise<CellsPage> {
    return this.json(CellsPage, `/api/experiments/${encodeURIComponent(id)}/cells${queryText(asked)}`);
  }

  /** Every cell that is asked for, page by page. */
  async cells(id: string, asked: z.input<typeof CellsQuery> = {}): Promise<CellView[]> {
    return (await this.cellsAt(id, asked)).cells;
  }

  /** The same, and `at`: the events behind it tell what has changed since. */
  async cellsAt(
    id: string,
    asked: z.input<typeof CellsQuery> = {},
  ): Promise<Pick<CellsPage, 'at' | 'cells'>> {
    const { at, cells, next } = await this.cellsPage(id, asked);
    for (let cursor = next; cursor !== null;) {
      const page = await this.cellsPage(id, { ...asked, cursor });
      cells.push(...page.cells);
      cursor = page.next;
    }
    return { at, cells };
  }

  /** Means over seeds, a table a grid. */
  table(id: string, asked: Omit<TableInput, 'format'> = {}): Promise<TableView[]> {
    return this.json(
      z.array(TableView),
      `/api/experiments/${encodeURIComponent(id)}/table${queryText(asked)}`,
    );
  }

  /** The same as the text of a format. */
  async tableText(
    id: string,
    asked: TableInput & { format: 'text' | 'markdown' | 'csv' | 'latex' | 'ndjson' },
  ): Promise<string> {
    return (await this.request(`/api/experiments/${encodeURIComponent(id)}/table${queryText(asked)}`)).text();
  }

  /** A metric against one axis of numbers, for each grid that has it. */
  scaling(id: string, asked: z.input<typeof ScalingQuery>): Promise<ScalingView[]> {
    return this.json(
      z.array(ScalingView),
      `/api/experiments/${encodeURIComponent(id)}/scaling${queryText(asked)}`,
    );
  }

  /** A page of one metric of many trials by step. */
  curves(id: string, asked: z.input<typeof CurvesQuery> = {}): Promise<CurvesPage> {
    return this.json(CurvesPage, `/api/experiments/${encodeURIComponent(id)}/curves${queryText(asked)}`);
  }

  cancel(id: string): Promise<ExperimentView> {
    return this.json(ExperimentView, `/api/experiments/${encodeURIComponent(id)}/cancel`, { method: 'POST' });
  }

  pause(id: string): Promise<ExperimentView> {
    return this.json(ExperimentView, `/api/experiments/${encodeURIComponent(id)}/pause`, { method: 'POST' });
  }

  resume(id: string): Promise<ExperimentView> {
    return this.json(ExperimentView, `/api/experiments/${encodeURIComponent(id)}/resume`, { method: 'POST' });
  }

  trial(id: string): Promise<TrialView> {
    return this.json(TrialView, `/api/trials/${encodeURIComponent(id)}`);
  }

  curve(id: string): Promise<CurveView> {
    return this.json(CurveView, `/api/trials/${encodeURIComponent(id)}/curve`);
  }

  /** What a finished trial said of some examples: 20 of the test split, where nothing else is asked for. */
  predictions(id: string, asked: Partial<PredictionsQuery> = {}): Promise<PredictionsView> {
    const query = new URLSearchParams(
      Object.entries(asked).map(([name, value]): [string, string] => [name, String(value)]),
    );
    return this.json(PredictionsView, `/api/trials/${encodeURIComponent(id)}/predictions?${query}`);
  }

  /** What the virtual tokens of a finished trial are near to: the 5 nearest by cosine, where nothing else is
   *  asked for. */
  neighbours(id: string, asked: Partial<NeighboursQuery> = {}): Promise<NeighboursView> {
    return this.json(NeighboursView, `/api/trials/${encodeURIComponent(id)}/neighbours${queryText(asked)}`);
  }

  /** A failed or cancelled trial is made ready again. */
  retry(id: string): Promise<TrialView> {
    return this.json(TrialView, `/api/trials/${encodeURIComponent(id)}/retry`, { method: 'POST' });
  }

  /** All failed and cancelled trials of an experiment, and those that lost their artifacts. */
  retryAll(experimentId: string): Promise<RetriedView> {
    const path = `/api/experiments/${encodeURIComponent(experimentId)}/retry`;
    return this.json(RetriedView, path, { method: 'POST' });
  }

  /** Cells and trials by the beginning of an id, or by GRID/INDEX. */
  trialsCalled(called: string): Promise<FoundTrial[]> {
    return this.json(z.array(FoundTrial), `/api/trials${queryText({ called })}`);
  }

  workers(): Promise<WorkerView[]> {
    return this.json(z.array(WorkerView), '/api/workers');
  }

  /** A link with which other machines join. */
  createJoinLink(wish: z.input<typeof CreateJoinLink> = {}): Promise<NewJoinLink> {
    return this.json(NewJoinLink, '/api/join-links', body(wish));
  }

  joinLinks(): Promise<JoinLinkView[]> {
    return this.json(z.array(JoinLinkView), '/api/join-links');
  }

  /** By its id or the beginning of it. */
  revokeJoinLink(id: string): Promise<JoinLinkView> {
    return this.json(JoinLinkView, `/api/join-links/${encodeURIComponent(id)}`, { method: 'DELETE' });
  }

  /** What a machine that joins needs. The client's token is the secret of a link. */
  join(): Promise<JoinedView> {
    return this.json(JoinedView, '/api/join', { method: 'POST' });
  }

  /** What would go with an experiment. */
  removal(id: string): Promise<RemovalView> {
    return this.json(RemovalView, `/api/experiments/${encodeURIComponent(id)}/removal`);
  }

  remove(id: string): Promise<RemovalView> {
    return this.json(RemovalView, `/api/experiments/${encodeURIComponent(id)}`, { method: 'DELETE' });
  }

  /** What the artifact store holds. */
  diskUse(): Promise<DiskUse> {
    return this.json(DiskUse, '/api/storage');
  }

  /** Removes from the artifact store what nothing names. */
  collectGarbage(wish: z.input<typeof CollectGarbage> = {}): Promise<CollectedView> {
    return this.json(CollectedView, '/api/storage/collect', body(wish));
  }

  /** The bytes of one file of a checkpoint, as they arrive. */
  async checkpointFile(
    trialId: string,
    at: Pick<CheckpointView, 'kind' | 'step'>,
    path: string,
  ): Promise<Response> {
    const file = path.split('/').map(encodeURIComponent).join('/');
    return this.request(
      `/api/trials/${encodeURIComponent(trialId)}/checkpoints/${at.kind}/${at.step}/${file}`,
    );
  }

  /** What happens to an experiment, each event once and in order: from the event behind cursor `after` (0:
   *  from the beginning), or from now on. In the live view it is the newest state of what has changed, twice
   *  a second at most, and the metrics of some trials. Reconnects by itself where the connection is lost;
   *  ends when `signal` aborts. Throws ApiError where the API refuses. */
  async *events(
    id: string,
    { after, signal, view, metrics }: EventsWish = {},
  ): AsyncGenerator<ExperimentEvent, void> {
    let cursor = after;
    let failures = 0;
    for (;;) {
      if (signal?.aborted) return;
      try {
        for await (const event of this.connection(id, { after: cursor, view, metrics }, signal)) {
          failures = 0;
          cursor = event.cursor;
          yield* event.events;
        }
      } catch (error) {
        if (error instanceof z.ZodError || (error instanceof ApiError && error.status < 500)) throw error;
      }
      await pause(Math.min(longestPauseMs, 100 * 2 ** failures++), signal);
    }
  }

  /** Batches of events of one connection, until it ends or falls silent. A batch is whole when its id has
   *  come. */
  private async *connection(
    id: string,
    wish: Omit<EventsWish, 'signal' | 'metrics'> & { metrics: readonly string[] | undefined },
    signal: AbortSignal | undefined,
  ) {
    const stop = new AbortController();
    const abort = () => stop.abort();
    signal?.addEventListener('abort', abort);
    let timer = setTimeout(abort, silenceMs);
    const heard = () => {
      clearTimeout(timer);
      timer = setTimeout(abort, silenceMs);
    };
    try {
      const query = queryText({ ...wish, metrics: wish.metrics?.join(',') || undefined });
      const response = await this.request(`/api/experiments/${encodeURIComponent(id)}/events${query}`, {
        signal: stop.signal,
      });
      if (!response.body) throw new Error('the event stream has no body');
      let events: ExperimentEvent[] = [];
      for await (const frame of frames(response.body, heard)) {
        if (frame.event !== 'cursor') events.push(ExperimentEvent.parse(JSON.parse(frame.data)));
        if (frame.id === null) continue;
        yield { cursor: Number(frame.id), events };
        events = [];
      }
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      stop.abort();
    }
  }

  private async json<T>(schema: z.ZodType<T>, path: string, init: RequestInit = {}): Promise<T> {
    const response = await this.request(path, init);
    const parsed = schema.safeParse(await response.json());
    if (parsed.success) return parsed.data;
    throw new ApiError(
      response.status,
      `${this.base}${path} answered something unexpected: ${z.prettifyError(parsed.error)}`,
    );
  }

  private async request(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { ...this.headers, ...(init.headers as Record<string, string> | undefined) };
    let response: Response;
    try {
      response = await fetchAgain(`${this.base}${path}`, { ...init, headers });
    } catch (error) {
      throw new Error(`nothing answers at ${this.base}; is "peftgrid up" running?`, { cause: error });
    }
    if (response.ok) return response;
    const problem = Problem.safeParse(await response.json().catch(() => null));
    if (problem.success) throw new ApiError(response.status, problem.data.title, problem.data.issues);
    throw new ApiError(
      response.status,
      `${this.base}${path} answered ${response.status} ${response.statusText}`,
    );
  }
}

/** Parameters as a query string; one with several values is repeated. */
function queryText(asked: Record<string, unknown>): string {
  const pairs = Object.entries(asked).flatMap(([name, value]) =>
    [value].flat().flatMap((one): [string, string][] => (one === undefined ? [] : [[name, String(one)]])),
  );
  return pairs.length ? `?${new URLSearchParams(pairs)}` : '';
}

function body(experiment: string | object): RequestInit {
  const text = typeof experiment === 'string';
  return {
    method: 'POST',
    headers: { 'content-type': text ? 'application/yaml' : 'application/json' },
    body: text ? experiment : JSON.stringify(experiment),
  };
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
  });
}
