import type { InputKind } from '#contracts/input.js';

/** A message about a file that its reader may not know: in which line something is wrong, and nothing of what
 *  stands there. */
export function withoutValues(message: string, path: string): string {
  const line = /\bline (\d+)/.exec(message)?.[1];
  return `${path}${line ? `, line ${line}` : ''}: it does not fit the task; what stands in it is not shown, since it lies below a root of the server`;
}

/** Whether an input's content may stand in messages at all: names and numbers of models are no secret. */
export const isData = (kind: InputKind): boolean =>
  kind === 'data' || kind === 'data-folder' || kind === 'text';
