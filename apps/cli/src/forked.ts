import { type ChildProcess, fork } from 'node:child_process';
import type { Log } from './logs.js';
import type { Running } from './supervised.js';

export interface Program {
  name: string;
  script: string;
  env: NodeJS.ProcessEnv;
  ready: RegExp; // of the line it prints when it can be used
}

const patience = 90_000; // ms until a program that does not become ready is given up
const grace = 5_500; // ms to give its work back before it is killed

/** A Node program of ours. It is in a group of its own, so that a Ctrl-C in the terminal is not its; the
 *  channel to it closes when this process dies in whatever way, at which api and worker end themselves. When
 *  it ends its whole group does. */
export function forked({ name, script, env, ready }: Program, log: Log): Running {
  const child = fork(script, [], {
    env,
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: true,
  });
  let said = '';
  const kill = (): void => killGroup(child);
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(String(signal ?? code)));
  });
  const ended = exited.then(async (how) => {
    kill(); // what it had started
    await drain(child);
    const words = lastLine(said);
    return words ? `${how}: ${words}` : how;
  });
  const isReady = new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => {
      kill();
      reject(new Error(`${name} was not ready after ${patience / 1000} s: ${lastLine(said)}`));
    }, patience);
    const hear = (chunk: Buffer): void => {
      log.write(chunk);
      said = (said + chunk.toString()).slice(-4000);
      const line = said.split('\n').find((l) => ready.test(l));
      if (line === undefined) return;
      clearTimeout(timer);
      resolve(line);
    };
    child.stdout!.on('data', hear);
    child.stderr!.on('data', hear);
    void ended.then((how) => {
      clearTimeout(timer);
      reject(new Error(`${name} ended with ${how}`));
    });
  });
  isReady.catch(() => {}); // whoever stops us does not wait for it
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    const timer = setTimeout(kill, grace);
    await ended;
    clearTimeout(timer);
  };
  return { ready: isReady, ended, stop };
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid) process.kill(-pid, 'SIGKILL');
  } catch {
    // gone already
  }
}

/** Its last lines come after its end; a grandchild that holds the streams is not waited for. */
async function drain(child: ChildProcess): Promise<void> {
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 300).unref())]);
}

const mostWords = 300; // characters

/** The last line, of a structured one what it says. */
function lastLine(text: string): string {
  const line = text.trim().split('\n').at(-1)?.trim() ?? '';
  return (structured(line) ?? line).slice(0, mostWords);
}

function structured(line: string): string | null {
  try {
    const { msg, err } = JSON.parse(line) as { msg?: string; err?: { message?: string } };
    return [msg, err?.message].filter(Boolean).join(': ') || null;
  } catch {
    return null;
  }
}
