import { Worker } from 'node:worker_threads';
import { builtFile } from '../built-file.js';
import { Refused } from '../refused.js';
import type { FromThread, TableAnswer, TableAsk, ToThread } from './messages.js';

const megabytes = 2_048; // of the thread's heap
const mostWaiting = 200;

interface Waiting {
  done(answer: TableAnswer): void;
  fail(error: Error): void;
}

/** Makes tables in a thread of their own, which is started when the first is asked for, and again where it
 *  ended. */
export class Tables {
  private thread: Worker | null = null;
  private readonly waiting = new Map<number, Waiting>();
  private asked = 0;

  constructor(private readonly databaseUrl: string) {}

  /** Throws Refused, with what there is, where the table cannot be made; and where too many wait already. */
  ask(ask: TableAsk): Promise<TableAnswer> {
    if (this.waiting.size >= mostWaiting) {
      const title = `${mostWaiting} tables are being made already; try again in a few seconds`;
      return Promise.reject(new Refused(503, title, [], { 'retry-after': '5' }));
    }
    const thread = (this.thread ??= this.started());
    const id = ++this.asked;
    return new Promise((done, fail) => {
      this.waiting.set(id, { done, fail });
      thread.postMessage({ id, ask } satisfies ToThread);
    });
  }

  async stop(): Promise<void> {
    await this.thread?.terminate();
  }

  private started(): Worker {
    const resourceLimits = { maxOldGenerationSizeMb: megabytes };
    const workerData = { databaseUrl: this.databaseUrl };
    const thread = new Worker(builtFile(__dirname, 'thread.js'), {
      workerData,
      resourceLimits,
      execArgv: [],
    });
    let cause: Error = new Refused(503, 'the API ends');
    thread.on('message', (message: FromThread) => this.hear(message));
    thread.on('error', (error: Error & { code?: string }) => {
      const full = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      cause = full
        ? new Refused(503, `the tables need more than ${megabytes} MB; ask for fewer cells`)
        : error;
    });
    thread.once('exit', () => {
      if (this.thread === thread) this.thread = null;
      for (const { fail } of this.waiting.values()) fail(cause);
      this.waiting.clear();
    });
    thread.unref();
    return thread;
  }

  private hear(message: FromThread): void {
    const waiting = this.waiting.get(message.id);
    this.waiting.delete(message.id);
    if (message.kind === 'answer') waiting?.done(message.answer);
    else if (message.kind === 'refused')
      waiting?.fail(new Refused(message.status, message.title, message.issues));
    else waiting?.fail(new Error(`a table could not be made: ${message.message}`));
  }
}
