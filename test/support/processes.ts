import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { until } from './until.js';

/** A program of ours under test, run from dist as a user would. */
export class Program {
  private said = '';
  private constructor(
    private readonly child: ChildProcess,
    readonly name: string,
  ) {}

  /** Started, and its line of readiness read. Throws with what it said where it ends before that. */
  static async start(
    name: string,
    command: string | readonly string[],
    env: Record<string, string>,
    ready: string,
  ): Promise<Program> {
    const child = spawn(process.execPath, [command].flat(), {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const program = new Program(child, name);
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (program.said += text));
    const found = await until(`${name} is ready`, async () => {
      if (program.ended) return 'ended';
      return program.said.includes(ready) && 'ready';
    }).catch((error: Error) => {
      child.kill('SIGKILL');
      throw new Error(`${error.message}\n${program.said}`);
    });
    if (found === 'ended')
      throw new Error(`${name} ended with ${child.exitCode ?? child.signalCode}:\n${program.said}`);
    return program;
  }

  get pid(): number {
    return this.child.pid!;
  }

  get ended(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  get exitCode(): number | null {
    return this.child.exitCode;
  }

  get output(): string {
    return this.said;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Sends a signal and waits until it is gone. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.ended) return;
    this.child.kill(signal);
    this.child.kill('SIGCONT'); // a stopped one would never act on it
    await once(this.child, 'exit');
  }
}

/** Ids of the processes that this one started, and those that they did. Needs /proc. */
export function descendants(pid: number): number[] {
  const children = processes().filter((p) => p.parent === pid);
  return children.flatMap((p) => [p.pid, ...descendants(p.pid)]);
}

/** Living processes that have this text among their environment variables. */
export function livingWith(text: string): number[] {
  return processes()
    .filter(({ pid }) => read(`/proc/${pid}/environ`).includes(text))
    .map(({ pid }) => pid)
    .filter((pid) => pid !== process.pid);
}

/** Whether the process runs; one that nobody has buried yet does not. */
export function isAlive(pid: number): boolean {
  return processes().some((p) => p.pid === pid);
}

function processes(): { pid: number; parent: number }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      // the name before may hold anything
      const fields = read(`/proc/${name}/stat`).split(') ').at(-1)!.split(' ');
      return fields.length > 2 && fields[0] !== 'Z' ? [{ pid: Number(name), parent: Number(fields[1]) }] : [];
    });
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // it ended
  }
}

/** Stops a process, unless it has ended by itself meanwhile. */
export function stop(pid: number): void {
  try {
    process.kill(pid, 'SIGSTOP');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
