import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import type { PeftgridClient } from '#contracts/client.js';
import type { CellView, TrialView } from '#contracts/experiment.js';
import { connect } from '../connect.js';
import { Failure } from '../failure.js';
import { findExperiment } from '../find.js';
import { type Common, print, printJson, say } from '../output.js';

/** `peftgrid export EXPERIMENT [--out DIR]`: DIR/adapters/GRID-INDEX/ in Hugging Face PEFT's layout, results.json, cells.csv; prints DIR. */
export async function exportExperiment(id: string, { out, json }: Common & { out?: string }): Promise<void> {
  const { client } = await connect();
  const experiment = await findExperiment(client, id);
  const cells = await client.cells(experiment.id);
  const folder = resolve(out ?? experiment.name.replaceAll(/[^\w.-]+/g, '-'));
  mkdirSync(folder, { recursive: true });
  const results = [];
  for (const cell of cells) {
    const trial = await client.trial(cell.trialId);
    results.push({ ...cell, config: trial.config });
    await saveAdapter(client, trial, join(folder, 'adapters', `${cell.grid}-${cell.index}`));
    say(`${results.length} of ${cells.length} cells`);
  }
  writeFileSync(join(folder, 'results.json'), JSON.stringify({ experiment, cells: results }, undefined, 2));
  writeFileSync(join(folder, 'cells.csv'), csv(cells));
  if (json) printJson({ folder, cells: cells.length });
  else print(folder);
}

async function saveAdapter(client: PeftgridClient, trial: TrialView, folder: string): Promise<void> {
  const adapter = trial.checkpoints.findLast((c) => c.kind === 'adapter');
  for (const { path } of adapter?.files ?? []) {
    const to = resolve(folder, path);
    if (!to.startsWith(folder + sep)) throw new Failure(`the server names a file outside the adapter's folder: ${path}`);
    mkdirSync(dirname(to), { recursive: true });
    const response = await client.checkpointFile(trial.id, adapter!, path);
    writeFileSync(to, Buffer.from(await response.arrayBuffer()));
  }
}

function csv(cells: readonly CellView[]): string {
  const knobs = [...new Set(cells.flatMap((c) => Object.keys(c.point)))];
  const tests = [...new Set(cells.flatMap((c) => Object.keys(c.summary?.test ?? {})))];
  const head = ['grid', 'index', 'baseline', 'trial', 'state', ...knobs, ...tests.map((m) => `test.${m}`)];
  const rows = cells.map((c) => {
    const measured = tests.map((m) => c.summary?.test[m]);
    return [c.grid, c.index, c.baseline, c.trialId, c.state, ...knobs.map((k) => c.point[k]), ...measured];
  });
  return `${[head, ...rows].map((row) => row.map(field).join(',')).join('\n')}\n`;
}

function field(value: unknown): string {
  const text = typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '');
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
