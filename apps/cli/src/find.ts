import type { PeftgridClient } from '#contracts/client.js';
import type { CellView, ExperimentView } from '#contracts/experiment.js';
import { Failure } from './failure.js';

/** The experiment with this id, the beginning of one, or a name (then the newest of that name). Throws
 *  Failure where none or several fit. */
export async function findExperiment(client: PeftgridClient, text: string): Promise<ExperimentView> {
  const all = text ? await client.experiments({ called: text }) : [];
  const named = all.find((e) => e.name === text);
  if (named) return named;
  if (all.length === 1) return all[0]!;
  if (all.length > 1)
    throw new Failure(`"${text}" is the beginning of ${all.length} experiments: give more of the id`);
  throw new Failure(`no experiment "${text}"; ./peftgrid ls lists them`);
}

export interface FoundCell {
  experiment: ExperimentView;
  cell: CellView;
}

/** The cell with this id or beginning of one, or GRID/INDEX; or else those of a trial. Newest experiments are
 *  searched first. */
export async function findCells(client: PeftgridClient, text: string): Promise<FoundCell[]> {
  const wanted = text.toLowerCase();
  for (const experiment of await client.experiments()) {
    const cells = await client.cells(experiment.id);
    const own = cells.filter((c) => c.id.startsWith(wanted) || `${c.grid}/${c.index}` === text);
    const found = own.length ? own : cells.filter((c) => c.trialId.startsWith(wanted));
    if (new Set(found.map((c) => c.trialId)).size > 1)
      throw new Failure(`"${text}" is the beginning of ${found.length} ids: give more of it`);
    if (found.length) return found.map((cell) => ({ experiment, cell }));
  }
  return [];
}

/** The id of a trial: of a cell's, or one that no cell shows (adaptation, pretraining), which trials wait
 *  for. */
export async function findTrial(client: PeftgridClient, text: string): Promise<string> {
  if (text.length < 4 && !text.includes('/'))
    throw new Failure(`"${text}" is too short: give at least four letters of an id`);
  const [found] = await findCells(client, text);
  if (found) return found.cell.trialId;
  if (/^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(text)) return text;
  for (const experiment of await client.experiments()) {
    const waiting = (await client.cells(experiment.id)).filter((c) =>
      JSON.stringify(c.point).includes('backbone'),
    );
    for (const id of new Set(waiting.map((c) => c.trialId))) {
      const hidden = (await client.trial(id)).waitsFor.find((w) => w.trialId.startsWith(text.toLowerCase()));
      if (hidden) return hidden.trialId;
    }
  }
  throw new Failure(
    `no cell or trial "${text}"; ./peftgrid table EXPERIMENT --json lists cells, or name one as GRID/INDEX`,
  );
}
