import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Verdict } from '#contracts/trainer-messages.js';
import type { TrialConfig } from '#contracts/trial.js';
import { peftgridHome } from '#engine/install/library.js';
import type { PlannedTrial } from '#planner/planned.js';
import { TrainingAborted } from '#training/signals.js';
import { train } from '#training/train.js';
import { Failure } from '../failure.js';
import { checkData, planOf, readGridFile, warn } from '../grid-file.js';
import { inputsHere, refuseAbsent } from '../inputs.js';
import { configLabel } from '../labels.js';
import { type Common, print, printJson, say } from '../output.js';
import { prepareEngine } from '../prepare-engine.js';
import { type Kept, keptInputs } from '../kept-inputs.js';
import { cellsOf } from '../run-cells.js';
import { writeRunFolder } from '../run-folder.js';
import { TrialFolder, trialFolderOf } from '../trial-folder.js';
import { tablesOf } from './table.js';

interface Run {
  out: string;
  home: string;
  signal: { aborted: boolean; cancelled(): boolean };
  inputs: Kept;
}

/** `peftgrid run FILE [--out DIR]`: trains the file's trials one after the other in this process, with
 *  neither database nor queue, through the same train(). DIR/results.json holds every config and verdict;
 *  prints the tables. What DIR holds already is not trained again. */
export async function run(file: string, { out, json }: Common & { out?: string }): Promise<void> {
  const read = readGridFile(file);
  warn(await checkData(read));
  const found = await inputsHere(read);
  refuseAbsent(found);
  const request = { ...read.request, inputs: found.inputs };
  const plan = planOf({ ...read, request });
  warn(plan);
  const home = peftgridHome();
  await prepareEngine(home);
  const folder = resolve(out ?? join('runs', request.name));
  const inputs = await keptInputs(plan.trials, folder);
  const signal = { aborted: false, cancelled: () => false };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(name, () => (signal.aborted = true));
  const results: { key: string; config: TrialConfig; verdict: Verdict }[] = [];
  const cells = () => cellsOf(plan, new Map(results.map((r) => [r.key, r.verdict])));
  for (const [i, trial] of plan.trials.entries()) {
    say(`trial ${i + 1} of ${plan.trials.length}: ${configLabel(trial.config)}`);
    const verdict = await trainTrial(trial, { out: folder, home, signal, inputs });
    results.push({ key: trial.key, config: trial.config, verdict });
    say(verdict.verdict === 'failed' ? `failed: ${verdict.message}` : verdict.verdict);
    if (verdict.verdict !== 'succeeded') process.exitCode = 1;
    writeFileSync(join(folder, 'results.json'), JSON.stringify(results, undefined, 2));
    writeRunFolder(folder, { name: request.name, cells: cells() });
  }
  if (json) printJson(results);
  else print(tablesOf(cells(), {}));
  say(`results: ${folder}`);
}

async function trainTrial(trial: PlannedTrial, { out, home, signal, inputs }: Run): Promise<Verdict> {
  const place = new TrialFolder(trialFolderOf(out, trial.key));
  if (place.record.verdict?.verdict === 'succeeded') return place.record.verdict;
  const from = trial.waitsFor.map(({ key, kind, step }) => {
    const { backbones, adapter } = new TrialFolder(trialFolderOf(out, key)).record;
    return { kind, folder: (kind === 'backbone' ? backbones[step] : adapter) ?? null };
  });
  if (from.some((f) => f.folder === null))
    return {
      verdict: 'failed',
      attemptId: trial.key,
      cause: 'dependency',
      message: 'the trial that it builds on failed',
    };
  const evaluates = trial.config.stage === 'evaluate';
  const adapters = from.flatMap(({ kind, folder }) => (kind === 'adapter' ? [folder!] : []));
  const member = {
    attemptId: trial.key,
    config: trial.config,
    folder: place.path,
    backboneFolder: from.find((f) => f.kind === 'backbone')?.folder ?? null,
    sourceFolder: evaluates ? null : (adapters[0] ?? null),
    ...(evaluates && { evaluatedFolders: adapters }),
    resumeFolder: place.record.resume,
    inputs: trial.inputs.map(inputs),
  };
  const events = train([member], signal, { home, log: say });
  try {
    for (;;) {
      const { value, done } = await events.next();
      if (done) {
        place.finish(value[0]!);
        return value[0]!;
      }
      if (value.type === 'checkpoint') place.keep(value);
      if (value.type === 'metrics') place.append(value.metrics);
      if (value.type === 'progress') progress(value.step, value.steps, value.note);
    }
  } catch (error) {
    if (error instanceof TrainingAborted)
      throw new Failure(`stopped; the same command with --out ${out} goes on from there`);
    throw error;
  }
}

let saidAt = 0;

function progress(step: number, steps: number, note: string): void {
  if (Date.now() - saidAt < 2000) return;
  saidAt = Date.now();
  say(`  ${step}/${steps} ${note}`);
}
