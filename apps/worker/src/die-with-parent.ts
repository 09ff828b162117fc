import { Worker } from 'node:worker_threads';
import koffi from 'koffi';

const setParentDeathSignal = 1; // PR_SET_PDEATHSIG of linux/prctl.h
const sigkill = 9;
const watchMs = 500;

/** Ends this process with its parent, whatever either of them is doing: the closed channel is seen between
 *  steps; inside a step that holds the event loop for minutes the kernel sees to it (Linux), or a thread that
 *  watches the parent's id. */
export function dieWithParent(): void {
  const parent = process.ppid;
  process.on('disconnect', end);
  // A terminal's Ctrl-C goes to the whole group; whether and when the trainer stops is the worker's to say.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => {});
  if (process.platform === 'linux') askKernel();
  else watch(parent);
  if (process.ppid !== parent) end(); // it died before we were under its protection
}

function end(): void {
  process.kill(process.pid, 'SIGKILL');
}

function askKernel(): void {
  const prctl = koffi
    .load(null)
    .func('int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)');
  if (prctl(setParentDeathSignal, sigkill, 0, 0, 0) !== 0)
    throw new Error('prctl refused to set the parent-death signal');
}

function watch(parent: number): void {
  const source = `setInterval(() => { if (process.ppid !== ${parent}) process.kill(process.pid, 'SIGKILL'); }, ${watchMs});`;
  new Worker(source, { eval: true }).unref();
}
