import { type Document, isMap, isScalar, LineCounter, parseAllDocuments, visit } from 'yaml';
import type { CreateExperiment } from '#contracts/grid.js';
import { checkExperiment } from './check-experiment.js';
import { GridError, type GridIssue } from './grid-error.js';
import { checkYamlText, gridLimits } from './grid-limits.js';
import { checkJsonText } from './json-text.js';

/** A grid file (YAML, of which JSON is a part) as what is submitted: every document of it is a grid. `name`
 *  is used where the file holds several grids. Throws GridError with line and column, or with the path of
 *  what is wrong. */
export function parseGridFile(text: string, name?: string): CreateExperiment {
  checkYamlText(text);
  const lines = new LineCounter();
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `line ${line}, column ${col}`;
  };
  const documents = parseAllDocuments(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    merge: true,
    logLevel: 'silent',
  });
  if ('empty' in documents) throw new GridError([{ path: '', message: 'the grid file is empty' }]);
  const broken = documents.flatMap((d) => [...d.errors, ...d.warnings]);
  if (broken.length) throw new GridError(broken.map(({ pos, message }) => ({ path: at(pos[0]), message })));
  const odd = documents.flatMap((d) => oddKeys(d as Document.Parsed, at));
  if (odd.length) throw new GridError(odd);
  const grids = documents
    .map((d, i) => plain(() => d.toJS({ maxAliasCount: gridLimits.aliases }) as unknown, i))
    .filter((g) => g !== null);
  const whole =
    grids.length === 1 && isExperiment(grids[0]) ? grids[0] : { name: name ?? titleOf(grids), grids };
  return checkExperiment(whole);
}

/** Keys that stand twice in a mapping, and those that are no text. The library's own check takes time
 *  quadratic in the keys. */
function oddKeys(document: Document.Parsed, at: (offset: number) => string): GridIssue[] {
  const issues: GridIssue[] = [];
  visit(document, {
    Map(_, map) {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        const place = at((key as { range?: [number] } | null)?.range?.[0] ?? map.range?.[0] ?? 0);
        if (!isScalar(key) || key.value === null) {
          issues.push({
            path: place,
            message: `a key is ${isScalar(key) ? 'empty' : isMap(key) ? 'a mapping' : 'a list'}; expected a name`,
          });
          continue;
        }
        const name = typeof key.value === 'symbol' ? '<<' : String(key.value);
        if (seen.has(name))
          issues.push({ path: place, message: `${JSON.stringify(name)} stands there twice` });
        seen.add(name);
      }
    },
  });
  return issues;
}

/** The JSON that clients send. Throws GridError. */
export function parseExperiment(text: string): CreateExperiment {
  checkJsonText(text);
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
    throw new GridError([
      { path: `grids[${index}]`, message: error instanceof Error ? error.message : String(error) },
    ]);
  }
}

const isExperiment = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'grids' in value;

function titleOf(grids: unknown[]): string {
  const [first] = grids as ({ name?: unknown } | undefined)[];
  return typeof first?.name === 'string' ? first.name : 'experiment';
}
