import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { PeftgridClient } from '#contracts/client.js';
import type { CellView, TrialView } from '#contracts/experiment.js';
import { parametersFile } from '#contracts/trainer-messages.js';
import { fetchCheckpoint } from '../checkpoint-files.js';
import { connect } from '../connect.js';
import { findExperiment } from '../find.js';
import { type Common, print, printJson, say } from '../output.js';

interface Options extends Common {
  out?: string;
  merged?: boolean;
}

/** `peftgrid export EXPERIMENT [--out DIR] [--merged]`: DIR/adapters/GRID-INDEX/ in Hugging Face PEFT's layout, results.json, cells.csv; with
 *  --merged also DIR/merged/GRID-INDEX/, a Hugging Face model that answers without an adapter. Prints DIR. */
export async function exportExperiment(id: string, { out, merged, json }: Options): Promise<void> {
  const { client } = await connect();
  const experiment = await findExperiment(client, id);
  const cells = await client.cells(experiment.id);
  const exported = [];
  for (const cell of cells) exported.push({ name: `${cell.grid}-${cell.index}`, cell, trial: await client.trial(cell.trialId) });
  const merging = merged ? await import('../merged-cells.js') : null;
  const mergeable = merging?.mergeable(exported); // before anything is written
  const folder = resolve(out ?? experiment.name.replaceAll(/[^\w.-]+/g, '-'));
  mkdirSync(folder, { recursive: true });
  for (const [i, { name, trial }] of exported.entries()) {
    await saveAdapter(client, trial, join(folder, 'adapters', name));
    say(`${i + 1} of ${cells.length} cells`);
  }
  const results = exported.map(({ cell, trial }) => ({ ...cell, config: trial.config }));
  writeFileSync(join(folder, 'results.json'), JSON.stringify({ experiment, cells: results }, undefined, 2));
  writeFileSync(join(folder, 'cells.csv'), csv(cells));
  const models = merging && mergeable ? { merged: await merging.saveMergedCells(client, mergeable, folder) } : {};
  if (json) printJson({ folder, cells: cells.length, ...models });
  else print(folder);
}

async function saveAdapter(client: PeftgridClient, trial: TrialView, folder: string): Promise<void> {
  const adapter = trial.checkpoints.findLast((c) => c.kind === 'adapter');
  if (!adapter) return;
  const files = adapter.files.filter(({ path }) => path !== parametersFile);
  await fetchCheckpoint(client, trial.id, { ...adapter, files }, folder);
}

const splits = ['train', 'validation', 'test'] as const;

function csv(cells: readonly CellView[]): string {
  const knobs = [...new Set(cells.flatMap((c) => Object.keys(c.point)))];
  const tests = [...new Set(cells.flatMap((c) => Object.keys(c.summary?.test ?? {})))];
  const counts = splits.map((split) => `${split}.examples`);
  const head = ['grid', 'index', 'baseline', 'trial', 'state', ...knobs, ...tests.map((m) => `test.${m}`), ...counts];
  const rows = cells.map((c) => {
    const measured = tests.map((m) => c.summary?.test[m]);
    const sizes = splits.map((split) => c.summary?.sizes?.[split]);
    return [c.grid, c.index, c.baseline, c.trialId, c.state, ...knobs.map((k) => c.point[k]), ...measured, ...sizes];
  });
  return `${[head, ...rows].map((row) => row.map(field).join(',')).join('\n')}\n`;
}

function field(value: unknown): string {
  const text = typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '');
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
