import { parseArgs } from 'node:util';
import { benchMethods, families, gangRows, methodRows, type MethodRow } from './method-shapes.js';

/** What `peftgrid bench methods` was asked for. */
export interface MethodsArguments {
  peers: boolean;
  json: boolean;
  counts: boolean; // count the peers' parameters instead of timing anything
  repeats: number;
  steps: number;
  rows: MethodRow[]; // those that --only leaves
  gang: number[]; // sizes in ascending order, 1 among them; empty: no gangs
}

/** Throws an Error of one sentence where an argument is not what it should be. */
export function methodsArguments(args: readonly string[]): MethodsArguments {
  const { values } = parsed(args);
  const gang = values.gang === undefined ? [] : gangSizes(values.gang);
  return {
    peers: values.peers,
    json: values.json,
    counts: values.counts,
    repeats: countOf('--repeats', values.repeats),
    steps: countOf('--steps', values.steps),
    rows: chosen(gang.length > 0 ? gangRows() : methodRows(), values.only),
    gang,
  };
}

function parsed(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    options: {
      peers: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      counts: { type: 'boolean', default: false },
      repeats: { type: 'string', default: '3' },
      steps: { type: 'string', default: '15' },
      only: { type: 'string', default: '' },
      gang: { type: 'string' },
    },
  });
}

function countOf(option: string, text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 10_000)
    throw new Error(`${option} is "${text}", expected a whole number from 1 to 10000`);
  return count;
}

/** A step's time is compared with that of a gang of one, which is therefore always there. */
function gangSizes(text: string): number[] {
  const sizes = text.split(',').map((size) => countOf('--gang', size));
  return [...new Set([1, ...sizes])].toSorted((a, b) => a - b);
}

/** "t5", "t5/lora", "/lora"; several with commas between them. */
function chosen(rows: readonly MethodRow[], only: string): MethodRow[] {
  if (only === '') return [...rows];
  const wanted = only.split(',').map((part) => {
    const [family = '', method = '', ...rest] = part.split('/');
    const found = rows.filter((r) => (family === '' || r.family === family) && (method === '' || r.method === method));
    if (found.length === 0 || rest.length > 0) throw new Error(unknownRow(part, rows));
    return found;
  });
  return rows.filter((row) => wanted.some((found) => found.includes(row)));
}

function unknownRow(part: string, rows: readonly MethodRow[]): string {
  const among = <T extends string>(names: readonly T[], of: (row: MethodRow) => string) =>
    names.filter((n) => rows.some((r) => of(r) === n)).join(', ');
  const known = among([...families, 't5-nano'], (r) => r.family);
  return `--only names "${part}", expected FAMILY, FAMILY/METHOD or /METHOD with a family of ${known} and a method of ${among(benchMethods, (r) => r.method)}`;
}
