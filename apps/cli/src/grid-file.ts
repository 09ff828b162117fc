import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import type { CreateExperiment } from '#contracts/grid.js';
import { expand, type Plan } from '#planner/expand.js';
import { parseGridFile } from '#planner/parse-grid-file.js';
import { Failure, type Issue } from './failure.js';

const largest = 4e6; // bytes

/** A grid file read, checked and expanded before anything is asked of a server. File names in it count from its own folder. Throws
 *  GridError or Failure that name what is wrong and where. */
export function readGridFile(path: string, name?: string): { request: CreateExperiment; plan: Plan } {
  const request = parseGridFile(textOf(path), name);
  const folder = dirname(resolve(path));
  const grids = request.grids.map((grid) => placed(grid, folder) as (typeof request.grids)[number]);
  return { request: { ...request, grids }, plan: expand({ ...request, grids }) };
}

/** The plan's backbone folders looked for and its data files read once: a missing column or label is better said now. */
export async function checkData({ cells }: Plan): Promise<void> {
  const issues: Issue[] = missingFolders(cells);
  const tasks = new Map(cells.flatMap(({ config, grid }) => taskOf(config, grid)));
  const { loadTask } = await import('#tasks/load-task.js');
  for (const { task, grid } of tasks.values()) {
    try {
      loadTask(task);
    } catch (error) {
      issues.push({ path: `${grid}: task`, message: error instanceof Error ? error.message : String(error) });
    }
  }
  if (issues.length) throw new Failure('the data of this grid can not be used:', issues);
}

function missingFolders(cells: Plan['cells']): Issue[] {
  const grids = new Map<string, string>(); // by folder
  for (const { config, grid } of cells) {
    const folder = config.stage === 'pretrain' ? undefined : config.backbone.folder;
    if (folder !== undefined && !existsSync(folder)) grids.set(folder, grid);
  }
  return [...grids].map(([folder, grid]) => ({ path: `${grid}: backbone.folder`, message: `${folder} does not exist` }));
}

function taskOf(config: Plan['cells'][number]['config'], grid: string) {
  if (config.stage !== 'tune' || config.task.name === 'wordnet-supersense') return [];
  return [[JSON.stringify(config.task), { task: config.task, grid }] as const];
}

function textOf(path: string): string {
  try {
    const { size } = statSync(path);
    if (size > largest)
      throw new Failure(`${path} has ${(size / 1e6).toFixed(0)} MB; a grid file has at most ${largest / 1e6} MB`);
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new Failure(`there is no file ${path}`);
    if (code === 'EISDIR') throw new Failure(`${path} is a folder; expected a grid file`);
    if (code === 'EACCES') throw new Failure(`${path} may not be read`);
    throw error;
  }
}

const fileKnobs = new Set(['path', 'validationPath', 'testPath', 'folder']);

/** Relative file names made absolute from the grid file's folder, in knobs and in the values of axes over them. */
function placed(value: unknown, folder: string, knob = ''): unknown {
  if (typeof value === 'string') return fileKnobs.has(knob) && !isAbsolute(value) ? resolve(folder, value) : value;
  if (Array.isArray(value)) return value.map((v) => placed(v, folder, knob));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, v]) => [key, placed(v, folder, key.split('.').at(-1))]));
}
