/** A thread that parses and expands what was submitted, away from everything that others wait for. It gives
 *  the cells away in parts, each when the one before was taken, so that neither side holds all of them as
 *  text. */
import { once } from 'node:events';
import { parentPort } from 'node:worker_threads';
import { atOnce } from '#tasks/reading/in-turns.js';
import { expandingCells } from '#planner/expand.js';
import { GridError } from '#planner/grid-error.js';
import { parseExperiment, parseGridFile } from '#planner/parse-grid-file.js';
import type { FromThread, ToThread } from './messages.js';

const inPart = 250; // cells
const mostIssues = 10_000;

const port = parentPort!;
const say = (message: FromThread): void => port.postMessage(message);

async function read({ type, text }: Extract<ToThread, { kind: 'read' }>): Promise<void> {
  const request = type === 'yaml' ? parseGridFile(text) : parseExperiment(text);
  const { cells, ...rest } = atOnce(expandingCells(request));
  say({ kind: 'request', request: JSON.stringify(request), rest: JSON.stringify(rest) });
  for (let i = 0; i < cells.length; i += inPart) {
    const taken = once(port, 'message');
    say({ kind: 'cells', cells: JSON.stringify(cells.slice(i, i + inPart)) });
    await taken;
  }
  say({ kind: 'done' });
}

port.on('message', (message: ToThread) => {
  if (message.kind !== 'read') return;
  read(message).catch((error: unknown) => {
    if (error instanceof GridError) say({ kind: 'refused', issues: error.issues.slice(0, mostIssues) });
    else
      say({
        kind: 'failed',
        message: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
  });
});
