import type { AdapterFacts } from '#contracts/adapter-input.js';
import type { TuneConfig } from '#contracts/trial.js';
import { adapterOf } from '#contracts/trial.js';
import type { GridIssue } from './grid-error.js';
import { knownBackbones } from './known-backbones.js';
import type { ResolvedCell } from './planned.js';

/** What is wrong with a cell, and at which of its knobs. */
export interface CellIssue {
  cell: ResolvedCell;
  knob: string;
  message: string;
}

/** Why cells can't begin with the adapters that they name. `factsAt` says what an adapter says of itself,
 *  null of one that is not at hand: of that nothing is said. */
export async function adapterRefusals(
  cells: readonly ResolvedCell[],
  factsAt: (path: string) => Promise<AdapterFacts | null>,
): Promise<CellIssue[]> {
  const known = new Map<string, Promise<AdapterFacts | null>>();
  const refusals: CellIssue[] = [];
  for (const cell of cells) {
    const { config } = cell;
    const path = config.stage === 'tune' ? adapterOf(config) : undefined;
    if (path === undefined || config.stage !== 'tune') continue;
    if (!known.has(path)) known.set(path, factsAt(path));
    try {
      const facts = await known.get(path)!;
      const issues = facts ? adapterIssues(config, facts) : [];
      refusals.push(...issues.map((issue) => ({ cell, knob: issue.path, message: issue.message })));
    } catch (error) {
      refusals.push({ cell, knob: 'from.adapter', message: (error as Error).message });
    }
  }
  return refusals;
}

/** Why a cell can't begin with an adapter that says this of itself, by knob. What a folder's backbone is, and
 *  every shape, the trainer holds it to. */
export function adapterIssues({ method, backbone }: TuneConfig, facts: AdapterFacts): GridIssue[] {
  const { written, length, rank, width } = facts;
  if (facts.method !== method.name) {
    const known = facts.method === null ? 'a method that is not known here' : `method ${facts.method}`;
    const message = `is ${written}, which is of ${known}, and method.name is "${method.name}"`;
    return [{ path: 'from.adapter', message }];
  }
  const issues: GridIssue[] = [];
  if (length !== undefined && 'length' in method && method.length !== length)
    issues.push({
      path: 'method.length',
      message: `${method.length}, and from.adapter has ${length} virtual tokens; expected ${length}`,
    });
  if (rank !== undefined && 'rank' in method && method.rank !== rank)
    issues.push({ path: 'method.rank', message: `${method.rank}, and from.adapter is of rank ${rank}` });
  const facing = backbone.name === undefined ? undefined : knownBackbones[backbone.name];
  if (width !== undefined && facing && facing.width !== width) {
    const message = `has virtual tokens of width ${width}, and ${backbone.name} has embeddings of ${facing.width}`;
    issues.push({ path: 'from.adapter', message });
  }
  return issues;
}
