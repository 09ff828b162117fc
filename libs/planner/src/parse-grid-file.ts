import { LineCounter, parseAllDocuments } from 'yaml';
import type { CreateExperiment } from '#contracts/grid.js';
import { checkExperiment } from './check-experiment.js';
import { GridError } from './grid-error.js';

const largest = 1_000_000; // characters; a grid file is written by hand
const mostAliases = 100; // YAML aliases can make a small text enormous

/** A grid file (YAML, of which JSON is a part) as what is submitted: every document of it is a grid. `name` is used where the file
 *  holds several grids. Throws GridError with line and column, or with the path of what is wrong. */
export function parseGridFile(text: string, name?: string): CreateExperiment {
  if (text.length > largest)
    throw new GridError([{ path: '', message: `the grid file has ${text.length} characters; at most ${largest} are read` }]);
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, merge: true });
  if ('empty' in documents) throw new GridError([{ path: '', message: 'the grid file is empty' }]);
  const broken = documents
    .flatMap((d) => d.errors)
    .map((error) => {
      const { line, col } = lines.linePos(error.pos[0]);
      return { path: `line ${line}, column ${col}`, message: error.message };
    });
  if (broken.length) throw new GridError(broken);
  const grids = documents
    .map((d, i) => plain(() => d.toJS({ maxAliasCount: mostAliases }) as unknown, i))
    .filter((g) => g !== null);
  const whole = grids.length === 1 && isExperiment(grids[0]) ? grids[0] : { name: name ?? titleOf(grids), grids };
  return checkExperiment(whole);
}

/** The JSON that clients send. Throws GridError. */
export function parseExperiment(text: string): CreateExperiment {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new GridError([{ path: '', message: `the body is not JSON: ${(error as Error).message}` }]);
  }
  return checkExperiment(value);
}

function plain(read: () => unknown, index: number): unknown {
  try {
    return read();
  } catch (error) {
    throw new GridError([{ path: `grids[${index}]`, message: error instanceof Error ? error.message : String(error) }]);
  }
}

const isExperiment = (value: unknown): boolean => typeof value === 'object' && value !== null && 'grids' in value;

function titleOf(grids: unknown[]): string {
  const [first] = grids as ({ name?: unknown } | undefined)[];
  return typeof first?.name === 'string' ? first.name : 'experiment';
}
