import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import {
  type Member,
  type TrainEvent,
  type TrainerCommand,
  TrainerReply,
  type Verdict,
} from '#contracts/trainer-messages.js';
import { engineEnvironment } from '#engine/native/process-environment.js';
import { hostFault } from '#training/host-fault.js';
import { causeOfDeath, type Death, lastLine } from './cause-of-death.js';
import { oomKills } from './oom-kills.js';
import { type Patience, Silence } from './silence.js';
import { heardWords } from './trainer-words.js';

const program = join(__dirname, 'trainer.js');
// that an abort or a cancel may take before the trainer is killed: a step that does not end holds its loop
const patienceMs = 10_000;
const leastStartMs = 60_000; // that a trainer may take until it is ready
const tailLength = 4_000; // characters of its last words that are kept

/** How a gang ended. `died` was not our doing; a trainer that we killed counts as aborted. */
export type TrainerOutcome =
  | { end: 'verdicts'; verdicts: Verdict[]; rssBytes: number }
  | { end: 'aborted' }
  | { end: 'died'; cause: 'timeout'; message: string }
  | Death;

export interface TrainerSettings {
  home: string;
  threads: number;
  environment?: NodeJS.ProcessEnv; // more than this process's
  patience: Patience;
  log(line: string): void;
}

interface Running {
  silence: Silence;
  onEvent(event: TrainEvent): void;
  end(outcome: TrainerOutcome): void;
}

/** The machine cannot train at all as it is now. */
export class TrainerUnable extends Error {}

/** A trainer child and its supervision. It trains one gang at a time and stays warm in between; once dead it
 *  is not revived. */
export class TrainerProcess {
  device = 'unknown';
  freshBytes = 0; // of memory, when it was ready
  private running: Running | null = null;
  private lastWords = '';
  private killed = false; // by us
  private timer: NodeJS.Timeout | undefined;
  private kills = oomKills() ?? 0; // of anybody for want of memory, while the trainer lived
  private readonly patience: Patience;
  private readonly ended: Promise<void>;

  private constructor(
    private readonly child: ChildProcess,
    { log, patience }: TrainerSettings,
  ) {
    this.patience = patience;
    heardWords(child.stderr!, (line) => {
      this.lastWords = `${this.lastWords}${line}\n`.slice(-tailLength);
      log(`trainer ${child.pid}: ${line}`);
    });
    child.on('error', (error) => log(`trainer ${child.pid}: ${error.message}`));
    this.ended = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        const exit = { code, signal, lastWords: this.lastWords, oomKills: (oomKills() ?? 0) - this.kills };
        this.finish(this.killed ? { end: 'aborted' } : causeOfDeath(exit));
        resolve();
      });
    });
  }

  /** A trainer that is ready to train. Throws TrainerUnable with its own sentence where it cannot be, e.g.
   *  for want of the native library, of processes or of file handles. */
  static async start(settings: TrainerSettings): Promise<TrainerProcess> {
    const child = await startTrainer(settings);
    const trainer = new TrainerProcess(child, settings);
    const patience = Math.max(leastStartMs, settings.patience.loadMs);
    const late = setTimeout(() => trainer.kill(), patience);
    const first = await Promise.race([firstReply(child), trainer.ended.then(() => null)]);
    clearTimeout(late);
    if (first?.type !== 'ready') {
      const hung = trainer.killed;
      trainer.kill();
      if (first?.type === 'unable') throw new TrainerUnable(first.message);
      if (hung) throw new Error(`the trainer was not ready within ${patience / 1e3} s`);
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

  /** `bytes`: that it may have to read before it trains. One that hangs is killed, and died of `timeout`. */
  train(members: Member[], bytes: number, onEvent: (event: TrainEvent) => void): Promise<TrainerOutcome> {
    return new Promise((resolve) => {
      if (!this.alive)
        return resolve({ end: 'died', cause: 'error', message: 'the trainer was dead before it was asked' });
      const silence = new Silence(this.patience, bytes, (message) => {
        this.finish({ end: 'died', cause: 'timeout', message });
        this.kill();
      });
      this.running = { silence, onEvent, end: resolve };
      this.kills = oomKills() ?? 0;
      this.lastWords = ''; // of the gang before
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
    this.running?.silence.hold(still);
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
    // a failed send is a dead child, which `close` reports
    if (this.child.connected) this.child.send(command, () => {});
  }

  private hear(message: unknown): void {
    const { data: reply, error } = TrainerReply.safeParse(message);
    if (!reply) {
      this.finish({
        end: 'died',
        cause: 'error',
        message: `the trainer said something unexpected: ${error.message}`,
      });
      return this.kill();
    }
    if (reply.type === 'event') this.heard(reply.event);
    else if (reply.type === 'verdicts')
      this.finish({ end: 'verdicts', verdicts: reply.verdicts, rssBytes: reply.rssBytes });
    else if (reply.type === 'aborted') this.finish({ end: 'aborted' });
    else if (reply.type === 'host-fault') this.finish({ end: 'host-fault', message: reply.message });
  }

  private heard(event: TrainEvent): void {
    this.kills = oomKills() ?? 0; // what was killed before it last spoke was another
    this.running?.silence.hear(event);
    this.running?.onEvent(event);
  }

  private finish(outcome: TrainerOutcome): void {
    clearTimeout(this.timer);
    const running = this.running;
    this.running = null;
    running?.silence.end();
    running?.end(outcome);
  }
}

/** Throws TrainerUnable where the system gives no process. */
async function startTrainer({ home, threads, environment }: TrainerSettings): Promise<ChildProcess> {
  const env = {
    ...engineEnvironment(),
    ...environment,
    PEFTGRID_HOME: home,
    PEFTGRID_THREADS: String(threads),
  };
  try {
    const child = fork(program, {
      env,
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
      serialization: 'advanced',
    });
    if (child.pid === undefined) throw (await once(child, 'error'))[0];
    return child;
  } catch (error) {
    throw new TrainerUnable(
      hostFault(error) ?? `the trainer cannot be started: ${(error as Error).message}`,
      { cause: error },
    );
  }
}

function firstReply(child: ChildProcess): Promise<TrainerReply> {
  return new Promise((resolve) => child.once('message', (message) => resolve(TrainerReply.parse(message))));
}
