import type { Problem } from '#contracts/experiment.js';
import type { ScalingQuery, TableQuery } from '#contracts/tables.js';

/** What is asked of the thread that makes tables. Experiments are told apart by their ids; several stand
 *  beside each other. */
export type TableAsk =
  | { kind: 'table'; experiments: string[]; joined: boolean; query: TableQuery }
  | { kind: 'scaling'; experiments: [string]; query: ScalingQuery };

export interface TableAnswer {
  type: string; // media type
  body: Uint8Array;
}

export interface ToThread {
  id: number;
  ask: TableAsk;
}

export type FromThread =
  | { id: number; kind: 'answer'; answer: TableAnswer }
  | { id: number; kind: 'refused'; status: number; title: string; issues: Problem['issues'] }
  | { id: number; kind: 'failed'; message: string };
