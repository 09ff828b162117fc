import { plainly, toldAs } from './failure.js';
import { printJson, tell } from './output.js';
import { program } from './program.js';

/** `peftgrid …`: says what went wrong in one sentence, never by a stack trace, and ends with 1. */
async function main(): Promise<void> {
  process.stdout.on('error', leaveQuietly); // `peftgrid ls | head` closes the pipe
  process.stderr.on('error', leaveQuietly);
  try {
    await program().parseAsync();
  } catch (error) {
    process.exitCode = 1;
    tell(toldAs(error));
    if (process.argv.includes('--json')) printJson({ error: plainly(error) });
  }
}

function leaveQuietly(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit();
  throw error;
}

void main();
