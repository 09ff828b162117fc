import { Worker } from 'node:worker_threads';
import type { CreateExperiment } from '#contracts/grid.js';
import { GridError } from '#planner/grid-error.js';
import type { ResolvedCell, ResolvedGrids } from '#planner/planned.js';
import { builtFile } from '../built-file.js';
import { Refused } from '../refused.js';
import type { FromThread, SubmittedText, ToThread } from './messages.js';

export interface ReadLimits {
  threads: number;
  waiting: number; // that are kept until a thread is free
  seconds: number; // for one submission
  megabytes: number; // of a thread's heap
}

const usual: ReadLimits = { threads: 2, waiting: 32, seconds: 60, megabytes: 1024 };

export interface Read {
  request: CreateExperiment;
  resolved: ResolvedGrids;
}

interface Job {
  sent: SubmittedText;
  signal: AbortSignal;
  done(read: Read): void;
  fail(error: Error): void;
}

/** Threads that read what is submitted, with a limit on their time and memory. More submissions than threads
 *  wait; more than that are refused. */
export class ReadingThreads {
  private readonly limits: ReadLimits;
  private readonly waiting: Job[] = [];
  private readonly idle: Worker[] = [];
  private readonly all = new Set<Worker>();
  private busy = 0;

  constructor(limits: Partial<ReadLimits> = {}) {
    this.limits = { ...usual, ...limits };
  }

  /** The request, checked and with its defaults, and its cells. Throws GridError; Refused where it needs more
   *  than the limits; ends early where the signal says that nobody waits for it any more. */
  read(sent: SubmittedText, signal: AbortSignal): Promise<Read> {
    const { waiting, threads } = this.limits;
    if (this.waiting.length >= waiting) {
      const title = `${waiting} submissions wait to be read already; try again in a few seconds`;
      return Promise.reject(new Refused(503, title, [], { 'retry-after': '5' }));
    }
    return new Promise((done, fail) => {
      this.waiting.push({ sent, signal, done, fail });
      if (this.busy < threads) void this.work();
    });
  }

  async stop(): Promise<void> {
    for (const job of this.waiting.splice(0)) job.fail(new Refused(503, 'the API ends'));
    await Promise.all([...this.all].map((thread) => thread.terminate()));
  }

  private async work(): Promise<void> {
    this.busy++;
    for (let job = this.waiting.shift(); job; job = this.waiting.shift()) {
      const thread = this.idle.pop() ?? this.started();
      try {
        job.done(await this.answer(thread, job));
      } catch (error) {
        job.fail(error as Error);
      }
      if (this.all.has(thread)) this.idle.push(thread);
    }
    this.busy--;
  }

  private started(): Worker {
    const { megabytes } = this.limits;
    const resourceLimits = { maxOldGenerationSizeMb: megabytes, maxYoungGenerationSizeMb: 64 };
    const thread = new Worker(builtFile(__dirname, 'thread.js'), { resourceLimits, env: {}, execArgv: [] });
    this.all.add(thread);
    thread.on('error', () => {}); // the job hears of it
    thread.once('exit', () => {
      this.all.delete(thread);
      const at = this.idle.indexOf(thread);
      if (at >= 0) this.idle.splice(at, 1);
    });
    thread.unref();
    return thread;
  }

  private async answer(thread: Worker, { sent, signal }: Job): Promise<Read> {
    const ending = new AbortController();
    const { seconds } = this.limits;
    const timer = setTimeout(
      () => ending.abort(tooMuch(`took more than ${seconds} s to read; submit it in smaller parts`)),
      seconds * 1e3,
    );
    const gone = () => ending.abort(new Refused(499, 'the client went'));
    signal.addEventListener('abort', gone);
    if (signal.aborted) gone();
    try {
      return await this.heard(thread, sent, ending.signal);
    } catch (error) {
      if (ending.signal.aborted || !(error instanceof GridError)) {
        this.all.delete(thread);
        await thread.terminate();
      }
      throw error;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', gone);
    }
  }

  private heard(thread: Worker, sent: SubmittedText, ending: AbortSignal): Promise<Read> {
    let request: CreateExperiment | undefined;
    let rest: Omit<ResolvedGrids, 'cells'> | undefined;
    const cells: ResolvedCell[] = [];
    return new Promise<Read>((resolve, reject) => {
      const onMessage = (message: FromThread): void => {
        if (message.kind === 'request') {
          request = JSON.parse(message.request) as CreateExperiment;
          rest = JSON.parse(message.rest) as typeof rest;
        } else if (message.kind === 'cells') {
          for (const cell of JSON.parse(message.cells) as ResolvedCell[]) cells.push(cell);
          // others have their turn
          setImmediate(() => thread.postMessage({ kind: 'more' } satisfies ToThread));
        } else if (message.kind === 'done')
          finish(() => resolve({ request: request!, resolved: { ...rest!, cells } }));
        else if (message.kind === 'refused') finish(() => reject(new GridError(message.issues)));
        else finish(() => reject(new Error(`a submission could not be read: ${message.message}`)));
      };
      const onError = (error: Error & { code?: string }): void => {
        const full = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
        const words = `needs more than ${this.limits.megabytes} MB to be read; submit it in smaller parts`;
        finish(() => reject(full ? tooMuch(words) : error));
      };
      const onExit = (): void => finish(() => reject(new Refused(503, 'the API ends')));
      const onEnding = (): void => finish(() => reject(ending.reason as Error));
      const finish = (act: () => void): void => {
        thread.off('message', onMessage).off('error', onError).off('exit', onExit);
        ending.removeEventListener('abort', onEnding);
        act();
      };
      thread.on('message', onMessage).on('error', onError).on('exit', onExit);
      ending.addEventListener('abort', onEnding);
      if (ending.aborted) onEnding();
      else thread.postMessage({ kind: 'read', ...sent } satisfies ToThread);
    });
  }
}

const tooMuch = (message: string): Refused =>
  new Refused(400, 'the experiment is too large', [{ path: '', message: `the submission ${message}` }]);
