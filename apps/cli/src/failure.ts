import { visibleLine } from '#analysis/visible-text.js';

/** A sentence for the user that needs no stack trace. */
export class Failure extends Error {
  constructor(
    message: string,
    readonly issues: readonly Issue[] = [],
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'Failure';
  }
}

export interface Issue {
  path: string;
  message: string;
}

/** How an error is told: one sentence, and below it a list of `path: message` where a grid or a request was
 *  refused. The stack follows only where PEFTGRID_DEBUG is set. */
export function toldAs(error: unknown): string {
  const { message, issues } = plainly(error);
  // whatever a name in it holds
  const isSentence = error instanceof Error && (error.name === 'Failure' || error.name === 'ApiError');
  const lines = [
    `peftgrid: ${isSentence ? visibleLine(message) : message}`,
    ...issues.map((i) => `  ${visibleLine(i.path ? `${i.path}: ${i.message}` : i.message)}`),
  ];
  if (process.env['PEFTGRID_DEBUG'] && error instanceof Error) lines.push(error.stack ?? '');
  return `${lines.join('\n')}\n`;
}

/** The same as one JSON value, for --json. */
export function plainly(error: unknown): { message: string; issues: readonly Issue[] } {
  if (!(error instanceof Error)) return { message: String(error), issues: [] };
  const issues = 'issues' in error && Array.isArray(error.issues) ? (error.issues as Issue[]) : [];
  if (error.name === 'GridError') return { message: 'this grid can not be run:', issues };
  // ApiError repeats its issues in its message; they are listed once.
  const message = issues.length ? error.message.split('\n')[0]! : error.message;
  return { message: message || error.name, issues };
}
