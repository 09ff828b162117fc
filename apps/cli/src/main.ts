import { plainly, toldAs } from './failure.js';
import { printJson, say, tell } from './output.js';
import { program } from './program.js';

/** `peftgrid …`: says what went wrong in one sentence, never by a stack trace, and ends with 1. */
async function main(): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', (error) => lost(stream, error));
  try {
    await program().parseAsync();
  } catch (error) {
    process.exitCode = 1;
    tell(toldAs(error));
    if (process.argv.includes('--json')) printJson({ error: plainly(error) });
  }
}

/** `peftgrid ls | head` closes the pipe, and nobody reads on: then we end. What a full disk lost is said
 *  where that can be, and the work goes on. */
function lost(stream: NodeJS.WriteStream, { code, message }: NodeJS.ErrnoException): void {
  if (code === 'EPIPE') process.exit();
  if (stream === process.stderr) return;
  process.exitCode = 1;
  say(`what was asked for could not be written: ${message}`);
}

void main();
