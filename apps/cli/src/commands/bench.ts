import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { Failure } from '../failure.js';
import { built } from '../root.js';

/** `peftgrid bench engine [--peers] [--json] …`: a benchmark of bench/ as a process of its own, which reads
 *  the arguments itself. */
export function bench(what: string, args: string[]): void {
  const script = built(`bench/${what}.js`);
  if (!/^[a-z-]+$/.test(what) || !existsSync(script))
    throw new Failure(`there is no benchmark "${what}"; there are ${names()}`);
  const { status } = spawnSync(process.execPath, [script, ...args], { stdio: 'inherit' });
  process.exitCode = status ?? 1;
}

const runnable = ['engine', 'methods', 'generate', 'adapters', 'faults', 'memory', 'orchestrator', 'reading'];

function names(): string {
  const present = new Set(readdirSync(built('bench')));
  return runnable.filter((name) => present.has(`${name}.js`)).join(', ');
}
