/** What tables read of the experiments that were asked for last, kept in memory and brought up to date by
 *  their events. */
import type { CellView } from '#contracts/experiment.js';
import type { Where } from '#contracts/where.js';
import type { Database } from '#db/database.js';
import {
  cellsWhere,
  changedResults,
  experimentsAt,
  type ResultCell,
  resultCells,
  type TrialResult,
} from '#db/results.js';
import { why } from '#db/why.js';
import { Interned } from './interned.js';

export interface KeptExperiment {
  id: string;
  name: string;
  version: number; // grows when anything that a table reads has changed
  cells: CellView[];
  at: number; // the newest event that it knows
  places: Map<string, number[]>; // of each trial's cells
  fulfilling: Map<string, Set<string>>; // ids of cells by conditions; configs never change
  interned: Interned;
}

export class KeptExperiments {
  private readonly kept = new Map<string, Promise<KeptExperiment>>(); // the least recently asked for first
  private count = 0; // cells of them all

  constructor(
    private readonly db: Database,
    private readonly most = 400_000, // cells
  ) {}

  /** The experiments as they are now, in the order of the ids; those that do not exist are left out. */
  async current(ids: readonly string[]): Promise<KeptExperiment[]> {
    const { at, names } = await experimentsAt(this.db, ids);
    const current: KeptExperiment[] = [];
    for (const id of ids) {
      const name = names.get(id);
      if (name !== undefined) current.push(await this.refresh(id, name, at));
    }
    return current;
  }

  /** The cells whose configs fulfil all conditions, in their order. */
  async fulfilling({ id, cells, fulfilling }: KeptExperiment, wheres: readonly Where[]): Promise<CellView[]> {
    const key = JSON.stringify(wheres);
    const ids = fulfilling.get(key) ?? (await cellsWhere(this.db, id, wheres));
    if (fulfilling.size >= mostConditions) fulfilling.clear();
    fulfilling.set(key, ids);
    return cells.filter((cell) => ids.has(cell.id));
  }

  /** One at a time for an experiment: whoever asks meanwhile goes on from what the one before has read. */
  private async refresh(id: string, name: string, at: number): Promise<KeptExperiment> {
    const before = this.kept.get(id);
    const next = before ? before.then((kept) => this.update(kept, at)) : this.load(id, name, at);
    this.kept.delete(id);
    this.kept.set(id, next);
    next.catch(() => this.kept.get(id) === next && this.kept.delete(id));
    const kept = await next;
    if (!before) await this.made(kept);
    return kept;
  }

  private async load(id: string, name: string, at: number): Promise<KeptExperiment> {
    const interned = new Interned();
    const cells: CellView[] = [];
    const places = new Map<string, number[]>();
    for await (const part of resultCells(this.db, id)) {
      for (const row of part) {
        const known = places.get(row.trialId);
        if (known) known.push(cells.length);
        else places.set(row.trialId, [cells.length]);
        cells.push(cellOf(row, interned));
      }
    }
    return { id, name, version: 0, cells, at, places, fulfilling: new Map(), interned };
  }

  private async update(kept: KeptExperiment, at: number): Promise<KeptExperiment> {
    if (at <= kept.at) return kept;
    const changed = await changedResults(this.db, kept.id, kept.at, at);
    for (const result of changed) {
      for (const place of kept.places.get(result.trialId) ?? []) {
        const before = kept.cells[place]!;
        const now = { ...before, ...resultOf(result, before.reused, kept.interned) };
        if (now.state === before.state && now.why === before.why && now.summary === before.summary) continue;
        kept.cells[place] = now;
        kept.version++;
      }
    }
    kept.at = at;
    return kept;
  }

  /** Room for what was loaded: others go, those first that nobody has asked for. */
  private async made({ id, cells }: KeptExperiment): Promise<void> {
    this.count += cells.length;
    for (const [other, promise] of this.kept) {
      if (this.count <= this.most) return;
      if (other === id) continue;
      this.kept.delete(other);
      this.count -= (await promise).cells.length;
    }
  }
}

const mostConditions = 100;

function cellOf(row: ResultCell, interned: Interned): CellView {
  const { id, grid, index, point, baseline, reused, trialId } = row;
  return {
    id,
    grid,
    index,
    point,
    baseline,
    reused,
    trialId,
    step: 0,
    steps: 0,
    stepMs: null,
    ...resultOf(row, reused, interned),
  };
}

type Result = Pick<CellView, 'state' | 'why' | 'summary'>;

/** Tables give no reason of what has not ended, and so keep none. */
function resultOf(result: TrialResult, reused: boolean, interned: Interned): Result {
  const { state } = result;
  const summary = result.summary === null ? null : interned.summary(result.summary);
  const story = { ...result, note: null, cancelRequested: false, worker: null, awaited: null };
  return {
    state,
    why: state === 'failed' || state === 'pruned' || state === 'cancelled' ? why(story, { reused }) : '',
    summary,
  };
}
