import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from './failure.js';
import type { Log } from './logs.js';

/** A process on its way: it becomes ready, and ends. */
export interface Running {
  // what it says when it can be used; rejects where it ends before, and nothing of it is left then
  ready: Promise<string>;
  ended: Promise<string>; // how, with its last words; never rejects
  /** Asks it to end, and ends it by force after a while. */
  stop(): Promise<void>;
}

export interface Part {
  name: string;
  log: Log;
  launch(): Running;
}

export interface Surroundings {
  say(line: string): void;
  gaveUp(error: Error): void;
  /** Whether what it needs is missing for a while (room on the disk, the database), so that ending is no
   *  fault of its own. */
  excused(): boolean;
}

const mostCrashes = 5; // in a row: more, and starting it again is no help
const healthyMs = 60_000; // after so long its crashes are forgotten
const longestPauseMs = 10_000;

/** A part that is started again when it ends: at once, then after longer and longer pauses. One that ends
 *  again and again within a minute of its start is given up, unless its surroundings excuse it. */
export class Supervised {
  private running: Running | undefined;
  private stopping: Promise<void> | undefined;
  private readonly goOn = new AbortController();
  private readyAt = Infinity;
  private inARow = 0;
  private unexcused = 0;
  private told = false; // that it waits for what excuses it

  constructor(
    private readonly part: Part,
    private readonly around: Surroundings,
  ) {}

  get isReady(): boolean {
    return this.readyAt !== Infinity;
  }

  /** What it said when it was ready. Throws Failure with its last words where it ended before. */
  async start(): Promise<string> {
    if (this.stopping) throw new Failure('stopped while it was starting');
    const running = (this.running = this.part.launch());
    try {
      const line = await running.ready;
      this.readyAt = Date.now();
      void running.ended.then((how) => this.again(`${this.part.name} ended with ${how}`));
      return line;
    } catch (error) {
      throw new Failure(`${(error as Error).message}; the log is ${this.part.log.file}`, [], {
        cause: error,
      });
    }
  }

  stop(): Promise<void> {
    this.goOn.abort();
    return (this.stopping ??= Promise.resolve(this.running?.stop()));
  }

  private async again(what: string): Promise<void> {
    if (this.stopping) return;
    const { say, gaveUp, excused } = this.around;
    const log = `the log is ${this.part.log.file}`;
    if (Date.now() - this.readyAt > healthyMs) this.inARow = this.unexcused = 0;
    this.readyAt = Infinity;
    const pause = this.inARow === 0 ? 200 : Math.min(longestPauseMs, 500 * 2 ** (this.inARow - 1));
    this.inARow++;
    if (!excused() && ++this.unexcused > mostCrashes)
      return gaveUp(new Failure(`gave up after ${this.unexcused} tries: ${what}; ${log}`));
    if (!this.told) say(`${what}; ${log}; starting it again`);
    this.told = excused(); // said once while it lasts
    await sleep(pause, undefined, { signal: this.goOn.signal }).catch(() => {});
    if (this.stopping) return;
    try {
      await this.start();
      say(`${this.part.name} is back`);
      this.told = false;
    } catch (error) {
      await this.again((error as Error).message.replace(`; ${log}`, ''));
    }
  }
}
