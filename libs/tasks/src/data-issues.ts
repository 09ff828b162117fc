import { stat } from 'node:fs/promises';
import { type SingleTask, tagsWords, type WordnetSupersense } from '#contracts/task.js';
import type { TrialConfig } from '#contracts/trial.js';
import { fileParts } from './file-task.js';
import { inTurns } from './in-turns.js';
import { atKnob } from './mixture.js';
import { neededFiles, type Needed, tasksOf } from './needed-files.js';
import { type DataRecord, readRecordsInTurns } from './read-records.js';
import { superGlueFiles, superGlueParts } from './superglue.js';
import { readTaggedInTurns } from './tagging/read-tagged.js';
import { restaurant8kFiles, restaurant8kParts } from './tagging/restaurant8k.js';
import { taggingParts } from './tagging/tagging-file.js';
import { supersenseSizes } from './wordnet-supersense.js';

export interface DataIssue<Cell> {
  cell: Cell; // the first that has it
  knob: string; // "task.path"
  message: string;
}

interface Where {
  elsewhere: boolean; // whether what is not here may lie where it is trained
  largest: number; // bytes; the rows of larger files are left to the trial that reads them
}

interface Cell {
  grid: string;
  config: TrialConfig;
}

/** What of the files that these cells name can't be used: what is not there, and what of the rows does not fit the task. Every file is
 *  read once, a piece at a time with the event loop free in between. */
export async function dataIssues<C extends Cell>(cells: readonly C[], { elsewhere, largest }: Where): Promise<DataIssue<C>[]> {
  const { files, tasks } = await inTurns(needsOf(cells));
  const issues: DataIssue<C>[] = [];
  const sizes = new Map<string, number>();
  for (const { cell, path, knob, is } of files) {
    const found = await sizeOf(path, is);
    if (typeof found === 'number') sizes.set(path, found);
    else if (!(elsewhere && found.absent)) issues.push({ cell, knob, message: found.message });
  }
  const records = new Map<string, DataRecord[]>();
  for (const { cell, knob, task } of tasks) {
    const paths = filesOf(task);
    if (!paths.every((path) => sizes.has(path) && sizes.get(path)! <= largest)) continue;
    const message = await rowsIssue(task, paths, records);
    if (message !== null) issues.push({ cell, knob, message: atKnob(knob, message) });
  }
  return issues;
}

/** A task among the cells, with the first that has it and its knob there. */
interface Asked<C> {
  cell: C;
  knob: string;
  task: SingleTask;
}

/** What the cells name, each once, with the first cell that does. */
function* needsOf<C extends Cell>(cells: readonly C[]): Generator<void, { files: (Needed & { cell: C })[]; tasks: Asked<C>[] }> {
  const files = new Map<string, Needed & { cell: C }>();
  const tasks = new Map<string, Asked<C>>();
  for (const cell of cells) {
    yield;
    for (const need of neededFiles(cell.config)) {
      const key = JSON.stringify([cell.grid, need]);
      if (!files.has(key)) files.set(key, { ...need, cell });
    }
    if (cell.config.stage !== 'tune') continue;
    for (const { knob, task } of tasksOf(cell.config)) {
      const { maxLength: _tokens, scoring: _how, ...data } = task;
      const key = JSON.stringify([cell.grid, knob, data]);
      if (!tasks.has(key)) tasks.set(key, { cell, knob, task });
    }
  }
  return { files: [...files.values()], tasks: [...tasks.values()] };
}

/** Bytes, or what is wrong. What is no plain file is not opened: reading it might never end. */
async function sizeOf(path: string, is: Needed['is']): Promise<number | { absent: boolean; message: string }> {
  const expected = `expected ${is === 'folder' ? 'the folder of a model' : 'a data file'}`;
  try {
    const found = await stat(path);
    if (is === 'folder') return found.isDirectory() ? 0 : { absent: false, message: `${path} is no folder; ${expected}` };
    if (!found.isFile()) return { absent: false, message: `${path} is no file; ${expected}` };
    return found.size > 0 ? found.size : { absent: false, message: `${path} is empty; ${expected}` };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR')
      return { absent: false, message: `${path} can't be read (${code ?? message}); ${expected}` };
    return { absent: true, message: `${path} does not exist on this machine; ${expected}` };
  }
}

function filesOf(task: SingleTask): string[] {
  if (task.name === 'superglue') return superGlueFiles(task);
  if (task.name === 'restaurant8k') return restaurant8kFiles(task);
  if (task.name === 'wordnet-supersense') return [];
  return [task.path, task.validationPath, task.testPath].filter((path) => path !== null);
}

async function rowsIssue(task: SingleTask, paths: readonly string[], records: Map<string, DataRecord[]>): Promise<string | null> {
  const read = tagsWords(task) ? readTaggedInTurns : readRecordsInTurns;
  const keyOf = (path: string) => `${tagsWords(task)} ${path}`; // one file may be read in both ways
  try {
    for (const path of paths) if (!records.has(keyOf(path))) records.set(keyOf(path), await read(path));
    await inTurns(partsOf(task, (path) => records.get(keyOf(path))!));
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function partsOf(task: SingleTask, rows: (path: string) => DataRecord[]): Generator<void, unknown> {
  switch (task.name) {
    case 'file':
      return fileParts(task, rows);
    case 'superglue':
      return superGlueParts(task, rows);
    case 'tagging':
      return taggingParts(task, rows);
    case 'restaurant8k':
      return restaurant8kParts(task, rows);
    case 'wordnet-supersense':
      return supersenseParts(task);
  }
}

/** The synsets come along; only how many are asked for may be wrong. */
function* supersenseParts(task: WordnetSupersense): Generator<void> {
  yield;
  for (const split of ['train', 'validation', 'test'] as const)
    if ((task[split] ?? 0) > supersenseSizes[split])
      throw new Error(`task.${split} asks for ${task[split]} examples, and there are ${supersenseSizes[split]}`);
}
