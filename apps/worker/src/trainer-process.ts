import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { type Member, type TrainEvent, type TrainerCommand, TrainerReply, type Verdict } from '#contracts/trainer-messages.js';
import { engineEnvironment } from '#engine/native/process-environment.js';
import { heardWords } from './trainer-words.js';

const program = join(__dirname, 'trainer.js');
const patienceMs = 10_000; // that an abort or a cancel may take before the trainer is killed: a step that does not end holds its loop
const tailLength = 4_000; // characters of its last words that are kept

/** How a gang ended. `died` was not our doing; a trainer that we killed counts as aborted. */
export type TrainerOutcome =
  | { end: 'verdicts'; verdicts: Verdict[]; rssBytes: number }
  | { end: 'aborted' }
  | { end: 'died'; cause: 'oom' | 'error'; message: string };

export interface TrainerSettings {
  home: string;
  threads: number;
  log(line: string): void;
}

interface Running {
  onEvent(event: TrainEvent): void;
  end(outcome: TrainerOutcome): void;
}

/** The machine cannot train at all, and trying again is useless. */
export class TrainerUnable extends Error {}

/** A trainer child and its supervision. It trains one gang at a time and stays warm in between; once dead it is not revived. */
export class TrainerProcess {
  device = 'unknown';
  freshBytes = 0; // of memory, when it was ready
  private running: Running | null = null;
  private lastWords = '';
  private killed = false; // by us
  private timer: NodeJS.Timeout | undefined;
  private readonly ended: Promise<void>;

  private constructor(
    private readonly child: ChildProcess,
    log: (line: string) => void,
  ) {
    heardWords(child.stderr!, (line) => {
      this.lastWords = `${this.lastWords}${line}\n`.slice(-tailLength);
      log(`trainer ${child.pid}: ${line}`);
    });
    child.on('error', (error) => log(`trainer ${child.pid}: ${error.message}`));
    this.ended = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        this.finish(this.killed ? { end: 'aborted' } : { end: 'died', ...causeOfDeath(code, signal, this.lastWords) });
        resolve();
      });
    });
  }

  /** A trainer that is ready to train. Throws TrainerUnable with its own sentence where it cannot be, e.g. for want of the native library. */
  static async start({ home, threads, log }: TrainerSettings): Promise<TrainerProcess> {
    const env = { ...engineEnvironment(), PEFTGRID_HOME: home, PEFTGRID_THREADS: String(threads) };
    const child = fork(program, { env, stdio: ['ignore', 'inherit', 'pipe', 'ipc'], serialization: 'advanced' });
    const trainer = new TrainerProcess(child, log);
    const first = await Promise.race([firstReply(child), trainer.ended.then(() => null)]);
    if (first?.type !== 'ready') {
      trainer.kill();
      if (first?.type === 'unable') throw new TrainerUnable(first.message);
      throw new Error(`the trainer ended as it started: ${lastLine(trainer.lastWords)}`);
    }
    trainer.device = first.device;
    trainer.freshBytes = first.rssBytes;
    child.on('message', (message) => trainer.hear(message));
    return trainer;
  }

  get alive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null && this.child.connected;
  }

  train(members: Member[], onEvent: (event: TrainEvent) => void): Promise<TrainerOutcome> {
    return new Promise((resolve) => {
      if (!this.alive) return resolve({ end: 'died', cause: 'error', message: 'the trainer was dead before it was asked' });
      this.running = { onEvent, end: resolve };
      this.tell({ type: 'train', members });
    });
  }

  /** Stops one member; the others go on. */
  cancel(attemptId: string): void {
    this.tell({ type: 'cancel', attemptId });
  }

  /** Stops the gang after the step that runs, or by force. */
  abort(patience = patienceMs): void {
    if (!this.running) return;
    this.tell({ type: 'abort' });
    this.killUnlessDone(patience);
  }

  /** By force, unless the gang ends by itself in the time given. */
  killUnlessDone(patience = patienceMs): void {
    if (!this.running) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.kill(), patience);
  }

  /** Holds the process still while what it has said cannot be written down. */
  hold(still: boolean): void {
    this.child.kill(still ? 'SIGSTOP' : 'SIGCONT');
  }

  kill(): void {
    this.killed = true;
    this.child.kill('SIGKILL');
  }

  /** Kills it and waits until it is gone. */
  async close(): Promise<void> {
    this.kill();
    await this.ended;
  }

  private tell(command: TrainerCommand): void {
    if (this.child.connected) this.child.send(command, () => {}); // a failed send is a dead child, which `close` reports
  }

  private hear(message: unknown): void {
    const { data: reply, error } = TrainerReply.safeParse(message);
    if (!reply) {
      this.finish({ end: 'died', cause: 'error', message: `the trainer said something unexpected: ${error.message}` });
      return this.kill();
    }
    if (reply.type === 'event') this.running?.onEvent(reply.event);
    else if (reply.type === 'verdicts') this.finish({ end: 'verdicts', verdicts: reply.verdicts, rssBytes: reply.rssBytes });
    else if (reply.type === 'aborted') this.finish({ end: 'aborted' });
  }

  private finish(outcome: TrainerOutcome): void {
    clearTimeout(this.timer);
    const running = this.running;
    this.running = null;
    running?.end(outcome);
  }
}

function firstReply(child: ChildProcess): Promise<TrainerReply> {
  return new Promise((resolve) => child.once('message', (message) => resolve(TrainerReply.parse(message))));
}

/** What an exit that nobody asked for amounts to. The kernel ends who takes the last memory with SIGKILL; V8 aborts when its heap is full. */
export function causeOfDeath(
  code: number | null,
  signal: NodeJS.Signals | null,
  lastWords: string,
): { cause: 'oom' | 'error'; message: string } {
  if (/heap out of memory|std::bad_alloc|OOM when allocating/.test(lastWords)) {
    return { cause: 'oom', message: `the trainer ran out of memory: ${lastLine(lastWords)}` };
  }
  if (signal === 'SIGKILL' || code === 137) {
    return { cause: 'oom', message: 'the trainer was killed (SIGKILL), as the system does when memory runs out' };
  }
  const how = signal ? `by ${signal}` : `with exit code ${code}`;
  const words = lastLine(lastWords);
  return { cause: 'error', message: `the trainer ended ${how}${words ? `: ${words}` : ''}` };
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.slice(0, 500) ?? '';
