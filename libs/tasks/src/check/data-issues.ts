import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { PlannedSplits } from '#contracts/experiment.js';
import { taskWithPaths } from '#contracts/inputs-of.js';
import { wordsAfterMask } from '#contracts/open-place.js';
import { kindOf, type SingleTask } from '#contracts/task.js';
import type { TrialConfig } from '#contracts/trial.js';
import { corpusLines } from '../corpora/corpus.js';
import { type Dataset, sizesOf } from '../dataset.js';
import { joined } from '../example.js';
import { filesIn } from '../reading/files-in.js';
import { inTurns } from '../reading/in-turns.js';
import type { Split } from '../reading/split.js';
import { unpackedSize } from '../reading/unpacked.js';
import { atKnob } from '../mixture.js';
import { askedDataIssues, type KnownData } from './asked-data.js';
import { neededFiles, type Needed, tasksOf } from './needed-files.js';
import type { DataRecord } from '../reading/data-record.js';
import { taskOf } from '../table.js';

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

/** What is known of the data that cells name. */
export interface DataReport<Cell> {
  refusals: DataIssue<Cell>[];
  warnings: DataIssue<Cell>[];
  splits: Map<string, PlannedSplits[]>; // of each grid, by its name; of data that could be read
  answers: Answers<Cell>[]; // of data that could be read, each task once
  openPlaces: OpenPlaces[]; // of clozes that could be read, where words follow an open place
}

/** A cloze in which words follow the open place of some text. */
export interface OpenPlaces {
  data: string; // the task's key, as dataKey gives it
  text: string; // the first such text
}

/** What a task's texts are to be answered with. */
export interface Answers<Cell> {
  cell: Cell; // the first that has it
  knob: string;
  data: string; // the task's key, as dataKey gives it
  labels: readonly string[];
  words: readonly string[];
}

/** Equal for tasks of equal data, however it is read by a model. */
export function dataKey({ maxLength: _tokens, answer: _how, ...data }: SingleTask): string {
  return JSON.stringify(data);
}

/** What of the files that these cells name can't be used: what is not there, and what of the rows does not
 *  fit the task; what may be wrong with them; and how many examples each task has. Every file is read once, a
 *  piece at a time with the event loop free in between. */
export async function dataIssues<C extends Cell>(
  cells: readonly C[],
  { elsewhere, largest }: Where,
): Promise<DataReport<C>> {
  const { files, tasks } = await inTurns(needsOf(cells));
  const report: DataReport<C> = {
    refusals: [],
    warnings: [],
    splits: new Map(),
    answers: [],
    openPlaces: [],
  };
  const sizes = new Map<string, number>();
  for (const { cell, path, knob, is } of files) {
    const found = await sizeOf(path, is, largest);
    if (typeof found === 'number') sizes.set(path, found);
    else if (!(elsewhere && found.absent)) report.refusals.push({ cell, knob, message: found.message });
  }
  for (const { cell, path, knob, is } of files) {
    if (is !== 'text' || (sizes.get(path) ?? Infinity) > largest) continue;
    const message = await faultOfCorpus(path);
    if (message !== null) report.refusals.push({ cell, knob, message });
  }
  const records = new Map<string, DataRecord[]>();
  const known = new Map<string, KnownData>();
  for (const asked of tasks) {
    const paths = filesOf(asked.task);
    if (!paths.every((path) => sizes.has(path) && sizes.get(path)! <= largest)) continue;
    const found = await examine(asked, paths, records, report);
    if (found) known.set(dataKey(asked.task), found);
  }
  report.refusals.push(...(await inTurns(askedDataIssues(cells, (task) => known.get(dataKey(task))))));
  return report;
}

async function faultOfCorpus(path: string): Promise<string | null> {
  try {
    corpusLines(path, await readFile(path));
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Adds to the report what the rows of one task say, and gives it; null where they can't be used. */
async function examine<C extends Cell>(
  { cell, knob, task }: Asked<C>,
  paths: readonly string[],
  records: Map<string, DataRecord[]>,
  { refusals, warnings, splits, answers, openPlaces }: DataReport<C>,
): Promise<Found | null> {
  let found: Found;
  try {
    found = await foundIn(task, paths, records);
  } catch (error) {
    refusals.push({
      cell,
      knob,
      message: atKnob(knob, error instanceof Error ? error.message : String(error)),
    });
    return null;
  }
  for (const text of found.warnings) {
    const message = atKnob(knob, text);
    const said = warnings.some((w) => w.cell.grid === cell.grid && w.knob === knob && w.message === message);
    if (!said) warnings.push({ cell, knob, message });
  }
  if (found.answers) answers.push({ cell, knob, data: dataKey(task), ...found.answers });
  if (found.openPlace !== undefined) openPlaces.push({ data: dataKey(task), text: found.openPlace });
  const own = splits.get(cell.grid) ?? [];
  splits.set(cell.grid, own);
  const planned = { knob, task: found.name, ...found.sizes };
  if (!own.some((other) => JSON.stringify(other) === JSON.stringify(planned))) own.push(planned);
  return found;
}

/** A task among the cells, with the first that has it and its knob there. */
interface Asked<C> {
  cell: C;
  knob: string;
  task: SingleTask;
}

/** What the cells name, each once, with the first cell that does. */
function* needsOf<C extends Cell>(
  cells: readonly C[],
): Generator<void, { files: (Needed & { cell: C })[]; tasks: Asked<C>[] }> {
  const files = new Map<string, Needed & { cell: C }>();
  const tasks = new Map<string, Asked<C>>();
  for (const cell of cells) {
    yield;
    for (const need of neededFiles(cell.config)) {
      const key = JSON.stringify([cell.grid, need]);
      if (!files.has(key)) files.set(key, { ...need, cell });
    }
    if (cell.config.stage !== 'tune' && cell.config.stage !== 'evaluate') continue;
    for (const { knob, task } of tasksOf(cell.config)) {
      const key = JSON.stringify([cell.grid, knob, dataKey(task)]);
      if (!tasks.has(key)) tasks.set(key, { cell, knob, task });
    }
  }
  return { files: [...files.values()], tasks: [...tasks.values()] };
}

const ofFolders = 'texts of a folder are read by task.kind: language, and task.files says which';

/** Bytes as they are read, Infinity where a packed file has more than `largest`; or what is wrong. What is no
 *  plain file is not opened: reading it might never end. */
async function sizeOf(
  path: string,
  is: Needed['is'],
  largest: number,
): Promise<number | { absent: boolean; message: string }> {
  const expected = `expected ${is === 'folder' ? 'the folder of a model' : 'a data file'}`;
  try {
    const found = await stat(path);
    if (is === 'folder')
      return found.isDirectory() ? 0 : { absent: false, message: `${path} is no folder; ${expected}` };
    if (found.isDirectory())
      return { absent: false, message: `${path} is a folder; ${expected} (${ofFolders})` };
    if (!found.isFile()) return { absent: false, message: `${path} is no file; ${expected}` };
    if (found.size > 0) return await unpackedSize(path, found.size, largest);
    return { absent: false, message: `${path} is empty; ${expected}` };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR')
      return { absent: false, message: `${path} can't be read (${code ?? message}); ${expected}` };
    return { absent: true, message: `${path} does not exist on this machine; ${expected}` };
  }
}

/** The files that a task is read from. */
function filesOf(task: SingleTask): string[] {
  const paths: string[] = [];
  taskWithPaths(task, ({ path, files }) => {
    paths.push(...(files.length ? filesIn(path, ...files).map((file) => join(path, file)) : [path]));
    return path;
  });
  return paths;
}

interface Found extends KnownData {
  name: string;
  warnings: readonly string[];
  answers?: { labels: readonly string[]; words: readonly string[] }; // none where words are tagged
  openPlace?: string | undefined; // a cloze's first text with words after its open place
}

/** Throws what the reader of a file or the task says of its rows. */
async function foundIn(
  task: SingleTask,
  paths: readonly string[],
  records: Map<string, DataRecord[]>,
): Promise<Found> {
  const { reader, splits: readSplits, shipped } = taskOf(task);
  if (shipped) {
    const { sizes, labels } = shipped(task);
    return { name: task.name, labels, sizes, warnings: [], answers: { labels, words: labels } };
  }
  const { way, inTurns: read } = reader(task);
  const keyOf = (path: string) => `${way} ${path}`; // one file may be read in several ways
  for (const path of paths) if (!records.has(keyOf(path))) records.set(keyOf(path), await read(path));
  const given = await inTurns(
    readSplits(task, (path) => {
      const found = records.get(keyOf(path));
      if (!found) throw new Error(`${task.name} reads ${path}, which contracts/inputs-of.ts does not list`);
      return found;
    }),
  );
  const { name, labels, labelWords: words, warnings = [] } = given;
  return {
    name,
    labels,
    sizes: sizesOf(given),
    warnings,
    ...(kindOf(task) === 'class' && { answers: { labels, words } }),
    ...(kindOf(task) === 'cloze' && { openPlace: openPlaceIn(given) }),
  };
}

function openPlaceIn({ train, validation, test }: Pick<Dataset, Split>): string | undefined {
  const texts = [train, validation, test].flatMap((examples) => examples.map(({ input }) => joined(input)));
  return texts.find((text) => wordsAfterMask(text) !== null);
}
