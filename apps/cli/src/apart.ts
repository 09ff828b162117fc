import { spawn } from 'node:child_process';
import { heardWords } from '../../worker/src/trainer-words.js';

const mark = 'PEFTGRID_APART';

/** Whether this process is the child that `apart` has started. */
export const isApart = (): boolean => process.env[mark] === '1';

/** Runs the same command line in a child, whose stderr is told without TensorFlow's chatter: the library
 *  writes it to the descriptor itself, and knows no setting that stops it. Ends as the child does. A child
 *  whose parent is gone ends at its next word. */
export async function apart(): Promise<void> {
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    env: { ...process.env, [mark]: '1' },
    stdio: ['inherit', 'inherit', 'pipe'],
  });
  for (const name of ['SIGTERM', 'SIGHUP'] as const) process.on(name, () => void child.kill(name));
  process.on('SIGINT', () => {}); // the terminal tells the child too
  heardWords(child.stderr, (line) => void process.stderr.write(`${line}\n`));
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (...how) => resolve(how)); // after its last word
  });
  process.exitCode = code ?? 1;
  if (signal) process.stderr.write(`peftgrid: the training process ended by ${signal}\n`);
}
