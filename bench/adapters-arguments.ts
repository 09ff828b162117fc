import { parseArgs } from 'node:util';
import { type AdapterRow, adapterRows } from './adapter-rows.js';
import { chosenRows } from './chosen-rows.js';

/** What `peftgrid bench adapters` was asked for. */
export interface AdaptersArguments {
  json: boolean;
  rows: AdapterRow[]; // those that --only leaves
}

/** Throws an Error of one sentence where an argument is not what it should be. */
export function adaptersArguments(args: readonly string[]): AdaptersArguments {
  const options = {
    json: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
  } as const;
  const { json, only } = parseArgs({ args: [...args], options }).values;
  return { json, rows: chosenRows(adapterRows(), only) };
}
