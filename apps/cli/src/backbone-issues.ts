import { join } from 'node:path';
import { families, type Family, familyOfType, type ModelType } from '#contracts/family.js';
import type { TuneConfig } from '#contracts/trial.js';
import { type Answerer, unanswerable } from '#contracts/unanswerable.js';
import { isThere, readJsonFile } from '#models/weights/regular-file.js';
import { knownModel } from '#planner/known-backbones.js';
import type { ResolvedCell } from '#planner/planned.js';
import type { DataIssue } from '#tasks/check/data-issues.js';

/** Cells whose backbone is a folder on this machine that can't answer their task. Of named backbones the
 *  planner says it, and of folders elsewhere the trainer. */
export function backboneIssues(cells: readonly ResolvedCell[]): DataIssue<ResolvedCell>[] {
  const issues = new Map<string, DataIssue<ResolvedCell>>();
  for (const cell of cells) {
    if (cell.config.stage !== 'tune' || cell.config.backbone.folder === undefined) continue;
    const model = modelAtHand(cell.config.backbone);
    if (!model) continue;
    for (const { path, message } of unanswerable(cell.config, model))
      issues.set(JSON.stringify([cell.grid, path, message]), { cell, knob: path, message });
  }
  return [...issues.values()];
}

/** What is known of a backbone without its weights; null where that is nothing. */
export function modelAtHand(backbone: TuneConfig['backbone']): Answerer | null {
  if (backbone.folder === undefined) return knownModel(backbone);
  const family = familyOf(backbone.folder);
  if (family === null || family === 't5') return null; // a T5 may be its encoder alone
  return { kind: families[family].kind, name: backbone.folder, family };
}

const mostConfig = 10e6; // bytes

/** Of a Hugging Face folder; null where it is none, or of no family that is known. */
export function familyOf(folder: string): Family | null {
  const path = join(folder, 'config.json');
  try {
    if (!isThere(path)) return null;
    const { model_type: type } = readJsonFile(path, mostConfig) as { model_type: unknown };
    const isKnown = typeof type === 'string' && Object.hasOwn(familyOfType, type);
    return isKnown ? familyOfType[type as ModelType] : null;
  } catch {
    return null; // what is wrong with it is said elsewhere
  }
}
