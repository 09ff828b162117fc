import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { hasContent, localPath, type Store } from '#artifacts/store.js';
import { isFileInput } from '#contracts/input.js';
import type { CreateExperiment } from '#contracts/grid.js';
import { inputsOf, withPaths } from '#contracts/inputs-of.js';
import type { DataFacts } from '#db/plan-view.js';
import { localName, LocalPlaces } from '#inputs/local-places.js';
import { adapterFacts } from '#inputs/adapter-facts.js';
import { isData, withoutValues } from '#inputs/quotes.js';
import { adapterRefusals } from '#planner/adapter-issues.js';
import { Addresses, type GivenInput } from '#planner/addresses.js';
import { GridError } from '#planner/grid-error.js';
import { knownModel } from '#planner/known-backbones.js';
import { placeOf } from '#planner/places.js';
import type { ResolvedCell } from '#planner/planned.js';
import { dataIssues } from '#tasks/check/data-issues.js';
import { openPlaceIssues } from '#tasks/check/open-place-issues.js';
import { inTurns } from '#tasks/reading/in-turns.js';
import { namedBy } from './inputs/given-inputs.js';

const largest = 32e6; // bytes; several times that in memory while its rows are looked at

interface Submitted {
  request: CreateExperiment;
  cells: readonly ResolvedCell[];
  inputs: readonly GivenInput[];
}

/** Throws GridError where the rows of the files that the cells name do not fit their task; gives what they
 *  say where they do. Reads what the store holds, under the names that the client gave; of what is not there
 *  nothing is said. */
export async function checkData({ request, cells, inputs }: Submitted, store: Store): Promise<DataFacts> {
  const addresses = new Addresses(inputs);
  const view = await mkdtemp(join(tmpdir(), 'peftgrid-check-'));
  try {
    const places = await place(cells, addresses, { view, store });
    const own = await inTurns(placing(cells, places));
    const here = [...own.keys()];
    const report = await dataIssues(here, { elsewhere: true, largest });
    const { refusals, warnings, splits } = report;
    refusals.push(...openPlaceIssues(here, report, knownModel));
    refusals.push(...(await adapterRefusals(here, adapterFacts)));
    const said = (issues: typeof refusals) =>
      issues.map(({ cell, knob, message }) => {
        const original = own.get(cell)!;
        return {
          path: placeOf(request, original, knob),
          message: shown(places.said(message), original, addresses),
        };
      });
    if (refusals.length) throw new GridError(said(refusals));
    return { splits, warnings: said(warnings) };
  } finally {
    await rm(view, { recursive: true, force: true });
  }
}

/** The cells with paths of this machine, each with the cell as it was submitted. */
function* placing(
  cells: readonly ResolvedCell[],
  { renamed }: LocalPlaces,
): Generator<void, Map<ResolvedCell, ResolvedCell>> {
  const placed = new Map<ResolvedCell, ResolvedCell>();
  for (const cell of cells) {
    yield;
    placed.set({ ...cell, config: withPaths(cell.config, renamed) }, cell);
  }
  return placed;
}

/** A view of the store, in which every file has its name. A model's folder is an empty one: its config is
 *  read where it is trained. */
async function place(
  cells: readonly ResolvedCell[],
  addresses: Addresses,
  { view, store }: { view: string; store: Store },
): Promise<LocalPlaces> {
  const places = new LocalPlaces();
  const folders = new Map<string, string>(); // one for all that is read of a path
  for (const { named } of await inTurns(namedBy(cells))) {
    const { path, kind } = named;
    const folder = folders.get(`${kind} ${path}`) ?? join(view, String(folders.size));
    folders.set(`${kind} ${path}`, folder);
    await mkdir(folder, { recursive: true });
    const isFile = isFileInput(kind);
    places.add(path, kind, isFile ? join(folder, localName(path)) : folder);
    if (kind === 'model' || kind === 'tokenizer') continue;
    for (const file of addresses.find(named)?.files ?? []) {
      const at = join(folder, isFile ? localName(path) : file.path);
      await mkdir(dirname(at), { recursive: true });
      const stored =
        (await hasContent(store, file)) && !existsSync(at) ? await localPath(store, file.hash) : null;
      if (stored !== null) await symlink(stored, at);
    }
  }
  return places;
}

/** What may be told: of a file below a root no more than that something is wrong, and in which line. Who sent
 *  a file may read what stands there. */
function shown(message: string, { config }: ResolvedCell, addresses: Addresses): string {
  const ofRoot = inputsOf(config).filter(
    (named) => isData(named.kind) && addresses.find(named)?.origin === 'root',
  );
  const about = ofRoot.find(({ path }) => message.includes(path)) ?? ofRoot[0];
  return about ? withoutValues(message, about.path) : message;
}
