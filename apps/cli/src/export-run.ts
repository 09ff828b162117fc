import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { CellView } from '#contracts/experiment.js';
import { parametersFile } from '#contracts/trainer-messages.js';
import type { TrialConfig } from '#contracts/trial.js';
import { Failure } from './failure.js';
import { print, printJson, say } from './output.js';
import type { RunFolder } from './run-folder.js';
import { resultIn } from './trial-folder.js';

interface Options {
  out: string | undefined;
  merged: boolean | undefined;
  predictions: boolean | undefined;
  json: boolean | undefined;
  csv: (cells: readonly CellView[]) => string;
}

/** `peftgrid export RUNFOLDER`: what a server's experiment would give, out of the folder of a run. Prints
 *  where it is. */
export function exportRun(
  folder: string,
  { name, cells }: RunFolder,
  { out, merged, predictions, json, csv }: Options,
): void {
  if (merged)
    throw new Failure(
      '--merged reads the adapters of a server’s experiment; of a run’s folder export the adapters alone',
    );
  const target = resolve(out ?? `${name.replaceAll(/[^\w.-]+/g, '-')}-export`);
  mkdirSync(target, { recursive: true });
  let saved = 0;
  for (const cell of cells) {
    const name = `${cell.grid}-${cell.index}`;
    if (saveAdapter(folder, cell, join(target, 'adapters', name))) saved++;
    const kept = predictions && cell.state === 'succeeded' && resultIn(folder, cell.trialId, 'predictions');
    if (kept) cpSync(kept, join(target, 'predictions', name), { recursive: true });
  }
  const configs = new Map(trained(folder).map(({ key, config }) => [key, config]));
  const results = cells.map((cell) => ({ ...cell, config: configs.get(cell.trialId) ?? null }));
  writeFileSync(
    join(target, 'results.json'),
    JSON.stringify({ experiment: { name }, cells: results }, undefined, 2),
  );
  writeFileSync(join(target, 'cells.csv'), csv(cells));
  if (saved < cells.length) say(`${cells.length - saved} of ${cells.length} cells have no adapter`);
  if (json) printJson({ folder: target, cells: cells.length });
  else print(target);
}

/** Whether there was one. */
function saveAdapter(folder: string, { trialId, state }: CellView, target: string): boolean {
  const source = state === 'succeeded' ? resultIn(folder, trialId, 'adapter') : null;
  if (!source) return false;
  cpSync(source, target, { recursive: true, filter: (path) => basename(path) !== parametersFile });
  return true;
}

function trained(folder: string): { key: string; config: TrialConfig }[] {
  return JSON.parse(readFileSync(join(folder, 'results.json'), 'utf8')) as {
    key: string;
    config: TrialConfig;
  }[];
}
