import { join } from 'node:path';
import type { PeftgridClient } from '#contracts/client.js';
import type { TrialView } from '#contracts/experiment.js';
import type { TuneConfig } from '#contracts/trial.js';
import { peftgridHome } from '#engine/install/library.js';
import { startEngine } from '#engine/native/start.js';
import { canMerge } from '#methods/files/merged-model.js';
import { counted } from './counted.js';
import { Failure } from './failure.js';
import { mergeAdapter } from './merge-adapter.js';
import { say } from './output.js';
import { refuseOther, withBackbone } from './trial-backbone.js';

export interface ExportedCell {
  name: string; // GRID-INDEX
  trial: TrialView;
}

interface Mergeable {
  name: string;
  trial: TrialView;
  config: TuneConfig;
}

/** The cells whose methods' changes fit into the weights of a plain model; says in a line which others there
 *  are. Throws Failure where none do. */
export function mergeable(cells: readonly ExportedCell[]): Mergeable[] {
  const tuned = cells.flatMap(({ name, trial }) =>
    trial.config.stage === 'tune' ? [{ name, trial, config: trial.config }] : [],
  );
  const can = tuned.filter(({ config }) => canMerge(config.method));
  const others = new Map<string, number>();
  for (const { config } of tuned.filter((cell) => !can.includes(cell)))
    others.set(config.method.name, (others.get(config.method.name) ?? 0) + 1);
  const named = [...others].map(([method, n]) => `${method} (${counted(n, 'cell')})`).join(', ');
  if (can.length === 0)
    throw new Failure(`no cell has a method that a model’s weights can hold: ${named || 'none is tuned'}`);
  if (named) say(`not merged, since no weights of the model can hold what they add: ${named}`);
  return can;
}

/** Writes FOLDER/merged/GRID-INDEX/ for every such cell out of FOLDER/adapters/GRID-INDEX/; a backbone is
 *  loaded once for all its cells. Returns how many there are. Throws Failure where the backbone here is
 *  another than the trial's. */
export async function saveMergedCells(
  client: PeftgridClient,
  cells: readonly Mergeable[],
  folder: string,
): Promise<number> {
  const trained = cells.filter(({ trial }) => trial.checkpoints.some((c) => c.kind === 'adapter'));
  if (trained.length < cells.length)
    say(`not merged, since it has no adapter: ${counted(cells.length - trained.length, 'cell')}`);
  const byBackbone = new Map<string, Mergeable[]>();
  for (const cell of trained) {
    const key = JSON.stringify([
      cell.config.backbone,
      cell.trial.waitsFor.filter((w) => w.kind === 'backbone'),
    ]);
    byBackbone.set(key, [...(byBackbone.get(key) ?? []), cell]);
  }
  if (trained.length > 0) await startEngine({ home: peftgridHome() });
  let done = 0;
  let compared = false;
  for (const group of byBackbone.values()) {
    await withBackbone(client, group[0]!, (model) => {
      compared ||= model.kind === 'encoder';
      for (const { name, trial, config } of group) {
        refuseOther(model, name, trial);
        mergeAdapter(join(folder, 'adapters', name), config.method, model, join(folder, 'merged', name));
        say(`${++done} of ${trained.length} merged`);
      }
    });
  }
  if (compared)
    say(
      'a merged encoder embeds texts; the label words that they are compared with are the untouched backbone’s',
    );
  return done;
}
