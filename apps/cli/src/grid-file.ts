import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { PlannedSplits, PlanWarning } from '#contracts/experiment.js';
import type { CreateExperiment } from '#contracts/grid.js';
import { adapterFacts } from '#inputs/adapter-facts.js';
import { adapterRefusals } from '#planner/adapter-issues.js';
import { expandingCells, planning } from '#planner/expand.js';
import { GridError } from '#planner/grid-error.js';
import { knownBackbones } from '#planner/known-backbones.js';
import { parseGridFile } from '#planner/parse-grid-file.js';
import { placeOf } from '#planner/places.js';
import type { Plan, ResolvedGrids } from '#planner/planned.js';
import { atOnce } from '#tasks/reading/in-turns.js';
import { utf8Text } from '#tasks/reading/utf8.js';
import { Failure } from './failure.js';
import { say } from './output.js';

const largest = 4e6; // bytes

/** A grid file read, checked and expanded, before any of its files is. */
export interface GridFile extends ResolvedGrids {
  request: CreateExperiment;
}

/** A grid file as what is submitted, but for its inputs. File names in it count from its own folder. Throws
 *  GridError or Failure that name what is wrong and where. */
export function readGridFile(path: string, name?: string): GridFile {
  const read = parseGridFile(textOf(path), name);
  const folder = dirname(resolve(path));
  const request = {
    ...read,
    grids: read.grids.map((grid) => placed(grid, folder) as (typeof read.grids)[number]),
  };
  return { request, ...atOnce(expandingCells(request)) };
}

/** The trials of a grid file, by the content of what it names. */
export const planOf = ({ request, ...resolved }: GridFile): Plan =>
  atOnce(planning(resolved, request.inputs));

/** What the files of a plan say on this machine. */
export interface DataFacts {
  splits: ReadonlyMap<string, PlannedSplits[]>; // by the grid's name
  warnings: PlanWarning[];
}

/** Throws GridError where the columns and labels of the files that a grid file names are not what the task
 *  says: better said now. Of what is not on this machine nothing is said. */
export async function checkData({ request, cells }: GridFile): Promise<DataFacts> {
  const { dataIssues } = await import('#tasks/check/data-issues.js');
  const { openPlaceIssues } = await import('#tasks/check/open-place-issues.js');
  const { backboneIssues, modelAtHand } = await import('./backbone-issues.js');
  const report = await dataIssues(cells, { elsewhere: true, largest: Infinity });
  const { refusals, warnings, splits, answers } = report;
  const { labelWordIssues } = await import('./label-words.js');
  refusals.push(
    ...labelWordIssues(cells, answers),
    ...backboneIssues(cells),
    ...openPlaceIssues(cells, report, modelAtHand),
    ...(await adapterRefusals(cells, adapterFacts)),
  );
  const placed = (issues: typeof refusals) =>
    issues.map(({ cell, knob, message }) => ({ path: placeOf(request, cell, knob), message }));
  if (refusals.length) throw new GridError(placed(refusals));
  return { splits, warnings: placed(warnings) };
}

/** Says on stderr what of the data may be wrong. */
export function warn({ warnings }: Pick<DataFacts, 'warnings'>): void {
  for (const { path, message } of warnings) say(`warning: ${path}: ${message}`);
}

function textOf(path: string): string {
  try {
    const { size } = statSync(path);
    if (size > largest)
      throw new Failure(
        `${path} has ${(size / 1e6).toFixed(0)} MB; a grid file has at most ${largest / 1e6} MB`,
      );
    return utf8Text(path, readFileSync(path));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new Failure(`there is no file ${path}`);
    if (code === 'EISDIR') throw new Failure(`${path} is a folder; expected a grid file`);
    if (code === 'EACCES') throw new Failure(`${path} may not be read`);
    if (code === undefined && error instanceof Error) throw new Failure(error.message); // it is no text
    throw error;
  }
}

const fileKnobs = new Set([
  'path',
  'validationPath',
  'testPath',
  'vocabularyPath',
  'folder',
  'tokenizer',
  'adapter',
]);

/** Relative file names made absolute from the grid file's folder, in knobs and in the values of axes over
 *  them. Below labelWords the keys are labels, whatever they are called. */
function placed(value: unknown, folder: string, knob = ''): unknown {
  if (knob === 'labelWords') return value;
  if (typeof value === 'string')
    return fileKnobs.has(knob) && !isName(knob, value) ? resolve(folder, value) : value;
  if (Array.isArray(value)) return value.map((v) => placed(v, folder, knob));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, v]) => [key, placed(v, folder, innermost(key))]),
  );
}

/** "task.labelWords.path" -> "labelWords"; else the last name. */
const innermost = (key: string): string => {
  const names = key.split('.');
  return names.includes('labelWords') ? 'labelWords' : names.at(-1)!;
};

/** A tokenizer may be a backbone's, by its name. */
const isName = (knob: string, value: string): boolean =>
  knob === 'tokenizer' && Object.hasOwn(knownBackbones, value);
