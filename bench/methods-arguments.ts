import { parseArgs } from 'node:util';
import type { Precision } from '#contracts/precision.js';
import { chosenRows } from './chosen-rows.js';
import { precisionOf } from './in-precision.js';
import { gangRows, methodRows, type MethodRow } from './method-shapes.js';

/** What `peftgrid bench methods` was asked for. */
export interface MethodsArguments {
  peers: boolean;
  json: boolean;
  counts: boolean; // count the peers' parameters instead of timing anything
  repeats: number;
  steps: number;
  rows: MethodRow[]; // those that --only leaves
  precision: Precision; // of our steps
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
    rows: chosenRows(gang.length > 0 ? gangRows() : methodRows(), values.only),
    precision: precisionOf(values.precision),
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
      precision: { type: 'string', default: 'float32' },
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
