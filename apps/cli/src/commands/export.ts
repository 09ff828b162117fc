import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { csvLines } from '#analysis/csv.js';
import type { PeftgridClient } from '#contracts/client.js';
import type { CellView, TrialView } from '#contracts/experiment.js';
import { parametersFile } from '#contracts/trainer-messages.js';
import { fetchCheckpoint, LostArtifact } from '../checkpoint-files.js';
import { connect } from '../connect.js';
import { counted } from '../counted.js';
import { Failure } from '../failure.js';
import { findExperiment } from '../find.js';
import { type Common, print, printJson, say } from '../output.js';
import { readRunFolder } from '../run-folder.js';

interface Options extends Common {
  out?: string;
  merged?: boolean;
  predictions?: boolean;
}

/** `peftgrid export EXPERIMENT|RUNFOLDER [--out DIR] [--merged] [--predictions]`: DIR/adapters/GRID-INDEX/ in
 *  Hugging Face PEFT's layout, results.json, cells.csv; with --merged also DIR/merged/GRID-INDEX/, a Hugging
 *  Face model that answers without an adapter, with --predictions
 *  DIR/predictions/GRID-INDEX/predictions.jsonl.gz. Prints DIR. Cells whose artifacts are lost are left out,
 *  and a Failure names them at the end. */
export async function exportExperiment(
  id: string,
  { out, merged, predictions, json }: Options,
): Promise<void> {
  const run = readRunFolder(id);
  if (run)
    return (await import('../export-run.js')).exportRun(resolve(id), run, {
      out,
      merged,
      predictions,
      json,
      csv,
    });
  const { client } = await connect();
  const experiment = await findExperiment(client, id);
  const cells = await client.cells(experiment.id);
  const exported = [];
  for (const cell of cells)
    exported.push({ name: `${cell.grid}-${cell.index}`, cell, trial: await client.trial(cell.trialId) });
  const merging = merged ? await import('../merged-cells.js') : null;
  const mergeable = merging?.mergeable(exported); // before anything is written
  const folder = resolve(out ?? experiment.name.replaceAll(/[^\w.-]+/g, '-'));
  mkdirSync(folder, { recursive: true });
  const lost = new Map<string, string>();
  for (const [i, { name, trial }] of exported.entries()) {
    for (const kind of predictions ? (['adapter', 'predictions'] as const) : (['adapter'] as const)) {
      const target = join(folder, kind === 'adapter' ? 'adapters' : kind, name);
      await saveResult(client, trial, kind, target).catch((error: Error) => {
        if (!(error instanceof LostArtifact)) throw error;
        lost.set(name, error.message);
        rmSync(target, { recursive: true, force: true }); // no half of it
      });
    }
    say(`${i + 1} of ${cells.length} cells`);
  }
  const results = exported.map(({ cell, trial }) => ({ ...cell, config: trial.config }));
  writeFileSync(join(folder, 'results.json'), JSON.stringify({ experiment, cells: results }, undefined, 2));
  writeFileSync(join(folder, 'cells.csv'), csv(cells));
  const whole = mergeable?.filter(({ name }) => !lost.has(name));
  const models = merging && whole ? { merged: await merging.saveMergedCells(client, whole, folder) } : {};
  if (json) printJson({ folder, cells: cells.length, lost: Object.fromEntries(lost), ...models });
  else print(folder);
  if (lost.size === 0) return;
  const issues = [...lost].map(([path, message]) => ({ path, message }));
  const what = `${counted(lost.size, 'cell')} of ${cells.length} were not exported`;
  throw new Failure(`${what}; ./peftgrid retry ${experiment.id.slice(0, 8)} trains them anew`, issues);
}

async function saveResult(
  client: PeftgridClient,
  trial: TrialView,
  kind: 'adapter' | 'predictions',
  folder: string,
): Promise<void> {
  const kept = trial.checkpoints.findLast((c) => c.kind === kind);
  if (!kept) return;
  const files = kept.files.filter(({ path }) => path !== parametersFile);
  await fetchCheckpoint(client, trial.id, { ...kept, files }, folder);
}

const splits = ['train', 'validation', 'test'] as const;

function csv(cells: readonly CellView[]): string {
  const knobs = [...new Set(cells.flatMap((c) => Object.keys(c.point)))];
  const tests = [...new Set(cells.flatMap((c) => Object.keys(c.summary?.test ?? {})))];
  const counts = splits.map((split) => `${split}.examples`);
  const head = [
    'grid',
    'index',
    'baseline',
    'trial',
    'state',
    ...knobs,
    ...tests.map((m) => `test.${m}`),
    ...counts,
  ];
  const rows = cells.map((c) => {
    const measured = tests.map((m) => c.summary?.test[m]);
    const sizes = splits.map((split) => c.summary?.sizes?.[split]);
    return [
      c.grid,
      c.index,
      c.baseline,
      c.trialId,
      c.state,
      ...knobs.map((k) => c.point[k]),
      ...measured,
      ...sizes,
    ];
  });
  return csvLines([head, ...rows]);
}
