import { type ChildProcess, fork } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Failure } from './failure.js';

export interface Program {
  name: string;
  script: string;
  env: NodeJS.ProcessEnv;
  ready: RegExp; // of the line it prints when it can be used
  logFile: string;
}

const patience = 90_000; // ms until a program that does not become ready is given up
const grace = 25_000; // ms for a trainer to save before it is killed
const mostCrashes = 5; // within a minute: more, and starting it again is no help

/** A child process that is started again when it dies. It is in a group of its own, so that a Ctrl-C in the terminal is not its; the
 *  channel to it closes when this process dies in whatever way, at which api and worker end themselves. */
export class Supervised {
  private child: ChildProcess | undefined;
  private crashes: number[] = [];
  private stopping = false;

  constructor(
    private readonly program: Program,
    private readonly events: { say(line: string): void; gaveUp(error: Error): void },
  ) {}

  /** The line that said it was ready. Throws Failure with its last lines where it ended before. */
  start(): Promise<string> {
    const { name, script, env, ready, logFile } = this.program;
    mkdirSync(dirname(logFile), { recursive: true });
    const log = createWriteStream(logFile, { flags: 'a' });
    const child = fork(script, [], {
      env,
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: true,
    });
    this.child = child;
    return new Promise((resolve, reject) => {
      let text = '';
      let isReady = false;
      const timer = setTimeout(() => fail(`was not ready after ${patience / 1000} s`), patience);
      const fail = (what: string) => reject(new Failure(`${name} ${what}${lastLines(text)}; its log is ${logFile}`));
      const hear = (chunk: Buffer) => {
        log.write(chunk);
        if (isReady) return;
        text = (text + chunk.toString()).slice(-4000);
        const line = text.split('\n').find((l) => ready.test(l));
        if (line === undefined) return;
        isReady = true;
        clearTimeout(timer);
        resolve(line);
      };
      child.stdout!.on('data', hear);
      child.stderr!.on('data', hear);
      child.once('error', (error) => fail(`could not be started: ${error.message}`));
      child.once('close', (code, signal) => {
        clearTimeout(timer);
        log.end();
        if (!isReady) return fail(`ended with ${signal ?? code}`);
        if (!this.stopping) this.again(signal ?? `${code}`);
      });
    });
  }

  /** Asks it to end, and kills its whole group where it does not. */
  async stop(): Promise<void> {
    this.stopping = true;
    const { child } = this;
    if (!child?.pid || child.exitCode !== null || child.signalCode !== null) return;
    const closed = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGTERM');
    const timer = setTimeout(() => this.kill(), grace);
    await closed;
    clearTimeout(timer);
  }

  kill(): void {
    this.stopping = true;
    try {
      if (this.child?.pid) process.kill(-this.child.pid, 'SIGKILL');
    } catch {
      // gone already
    }
  }

  private again(how: string): void {
    const { name, logFile } = this.program;
    const now = Date.now();
    this.crashes = [...this.crashes.filter((at) => now - at < 60_000), now];
    if (this.crashes.length > mostCrashes)
      return this.events.gaveUp(
        new Failure(`${name} ended ${this.crashes.length} times within a minute, last with ${how}; its log is ${logFile}`),
      );
    this.events.say(`${name} ended with ${how}; starting it again`);
    setTimeout(() => {
      if (!this.stopping) this.start().catch((error: unknown) => this.stopping || this.again(String((error as Error).message)));
    }, 500 * this.crashes.length);
  }
}

function lastLines(text: string): string {
  const lines = text.trim().split('\n').filter(Boolean).slice(-3);
  return lines.length ? `: ${lines.join(' | ')}` : '';
}
