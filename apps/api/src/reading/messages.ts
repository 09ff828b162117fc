import type { GridIssue } from '#planner/grid-error.js';

export interface SubmittedText {
  type: 'json' | 'yaml';
  text: string;
}

export type ToThread = ({ kind: 'read' } & SubmittedText) | { kind: 'more' };

/** Values travel as JSON: it is read in a fraction of the time that structured clones take. */
export type FromThread =
  | { kind: 'request'; request: string; rest: string } // of what was resolved, without the cells
  | { kind: 'cells'; cells: string }
  | { kind: 'done' }
  | { kind: 'refused'; issues: GridIssue[] }
  | { kind: 'failed'; message: string };
