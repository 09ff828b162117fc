import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { TrainEvent, Verdict } from '#contracts/trainer-messages.js';

type Checkpoint = Extract<TrainEvent, { type: 'checkpoint' }>;

const Record = z.object({
  verdict: Verdict.nullable(),
  step: z.int(),
  resume: z.string().nullable(), // folder of the newest resume state
  backbones: z.record(z.string(), z.string()), // step -> folder
  adapter: z.string().nullable(),
  predictions: z.string().nullable().default(null), // absent: trained before they were kept
  neighbours: z.string().nullable().default(null), // absent: as above, or the method has none
});

type Kept = 'adapter' | 'predictions' | 'neighbours';

/** Where a run keeps the trial of this key. */
export const trialFolderOf = (run: string, key: string): string => join(run, key.slice(0, 16));

/** The folder of what the trial of this key ended with; null where there is none. A run's folder may have
 *  been moved: it is looked for in it. */
export function resultIn(run: string, key: string, kind: Kept): string | null {
  const place = trialFolderOf(run, key);
  const folder = existsSync(place) ? new TrialFolder(place).record[kind] : null;
  return [folder, folder && join(place, basename(folder))].find((path) => path && existsSync(path)) ?? null;
}

/** A trial's files under `peftgrid run`: its record, metrics.jsonl, checkpoints. Holds all that is needed to
 *  go on after any kill. */
export class TrialFolder {
  readonly record: z.infer<typeof Record>;

  constructor(readonly path: string) {
    mkdirSync(path, { recursive: true });
    const file = join(path, 'record.json');
    const empty = { verdict: null, step: 0, resume: null, backbones: {}, adapter: null };
    this.record = Record.parse(existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : empty);
  }

  /** Takes note of a checkpoint; the resume state before it is of no more use. */
  keep({ kind, step, folder }: Checkpoint): void {
    const before = this.record.resume;
    if (kind === 'resume') this.record.resume = folder;
    if (kind === 'backbone') this.record.backbones[step] = folder;
    if (kind === 'adapter' || kind === 'predictions' || kind === 'neighbours') this.record[kind] = folder;
    this.save();
    if (kind === 'resume' && before && before !== folder) rmSync(before, { recursive: true, force: true });
  }

  append(metrics: unknown[]): void {
    const lines = metrics.map((m) => `${JSON.stringify(m)}\n`).join('');
    writeFileSync(join(this.path, 'metrics.jsonl'), lines, { flag: 'a' });
  }

  finish(verdict: Verdict): void {
    this.record.verdict = verdict;
    this.save();
  }

  save(): void {
    const file = join(this.path, 'record.json');
    writeFileSync(`${file}.partial`, JSON.stringify(this.record, undefined, 2));
    renameSync(`${file}.partial`, file);
  }
}
