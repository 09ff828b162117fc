import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DamagedArtifact } from '#artifacts/faults.js';
import type { TrialJob } from '#contracts/queue.js';
import type { Member, Verdict } from '#contracts/trainer-messages.js';
import type { FailureCause } from '#contracts/trial.js';
import { claimAttempts, type ClaimedTrial, joinMates } from '#db/claim-attempts.js';
import { finishAttempts, giveBack } from '#db/finish-attempts.js';
import { recordProgress } from '#db/record-progress.js';
import type { Database } from '#db/database.js';
import { leaseSeconds } from '#db/leases.js';
import type { KnownPaces } from './gangs/known-paces.js';
import { Lease } from './lease.js';
import { loadBytes } from './load-bytes.js';
import type { Machine } from './machine.js';
import { heldTo, UnreadableInput } from './local-inputs.js';
import { afterLoss } from './lost-artifact.js';
import { type MachineFault, machineFault } from './machine-fault.js';
import { type Folders, memberOf } from './member-folders.js';
import { throughOutages } from './outage.js';
import { Recorder } from './recorder.js';
import type { Settling } from './settling.js';
import type { TrainerPool } from './trainer-pool.js';
import type { TrainerOutcome, TrainerProcess } from './trainer-process.js';

/** What every attempt on this worker shares. */
export interface WorkerServices {
  id: string;
  db: Database;
  folders: Folders;
  trainers: TrainerPool;
  trainerGrowth: number; // bytes of memory by which a trainer may grow before it is replaced
  leases: Set<Lease>; // those that are held now
  settling: Settling;
  machine: Machine;
  paces: KnownPaces;
  home: string;
  closing: AbortSignal; // the worker shuts down
  log(line: string): void;
}

const lostPatienceMs = 2_000; // that a trainer may go on with a trial that is somebody else's by now
const closingPatienceMs = 10_000;

/** An attempt from the bell to the verdict: claim, hand to a warm trainer, write down what it says, and
 *  settle how it ended. A bell that rang for nothing claims nothing. Once the lease is lost the trainer is
 *  stopped, and whatever is still written is refused by its fence. Resolves when the slot is free: where the
 *  trainer has given its verdicts they are written while the slot trains others. */
export async function runAttempt(job: TrialJob, worker: WorkerServices): Promise<void> {
  const { db, closing, log, machine, settling } = worker;
  if (machine.fault !== null) return; // it was under way to us: its attempts are rung again
  const claim = () => claimAttempts(db, job, worker.id, leaseSeconds);
  const trials = await throughOutages(claim, { signal: closing, log });
  if (trials.length === 0) return;
  trials.push(...(await matesOf(trials, worker)));
  log(`took ${trials.map((t) => t.trialId.slice(0, 8)).join(', ')}`);
  const gang = new ClaimedGang(trials, worker);
  const outcome = await gang.train().catch((error: Error) => error);
  await gang.freeTrainer().catch((error: Error) => log(error.message)); // the trials are settled all the same
  const settled = gang.settle(outcome);
  if (!(outcome instanceof Error) && outcome.end === 'verdicts') await settling.add(settled, log);
  else await settled; // a fault of the machine is known before it takes another
}

/** Trials that wait, where some are worth taking along. */
async function matesOf(trials: readonly ClaimedTrial[], worker: WorkerServices): Promise<ClaimedTrial[]> {
  const { id, db, paces, closing, log } = worker;
  const [alone, ...others] = trials;
  const mates = others.length === 0 ? paces.mates(alone!.config) : undefined;
  if (!mates) return [];
  const join = () => joinMates(db, alone!.attemptId, mates, { worker: id, seconds: leaseSeconds });
  return throughOutages(join, { signal: closing, log });
}

/** The claimed trials of one job, for as long as this worker has them. */
class ClaimedGang {
  private readonly lease: Lease;
  private readonly recorder: Recorder;
  private trainer: TrainerProcess | null = null;
  private worn = false; // the trainer is to be replaced
  private readonly stopped = new Set<string>();
  private readonly onClosing = (): void => this.trainer?.abort(closingPatienceMs);

  constructor(
    private readonly trials: ClaimedTrial[],
    private readonly worker: WorkerServices,
  ) {
    const { db, log, folders, closing, leases } = worker;
    const attemptIds = trials.map((t) => t.attemptId);
    this.lease = new Lease({
      db,
      attemptIds,
      log,
      lost: (ids) => this.stop(ids, lostPatienceMs),
      cancelled: (ids) => this.stop(ids),
    });
    this.recorder = new Recorder({
      db,
      store: folders.store,
      log,
      lost: (ids) => this.lease.drop(ids),
      hold: (still) => this.trainer?.hold(still),
      failed: () => this.trainer?.abort(),
    });
    leases.add(this.lease);
    closing.addEventListener('abort', this.onClosing);
  }

  async train(): Promise<TrainerOutcome> {
    const { trainers, closing, home } = this.worker;
    const members = await this.members();
    if (!members) return { end: 'aborted' };
    try {
      this.trainer = await trainers.take(this.trials[0]!.config);
    } catch (error) {
      // no fault of the trial
      return { end: 'host-fault', message: machineFault(error)?.message ?? (error as Error).message };
    }
    if (closing.aborted || this.stopped.size === this.trials.length) return { end: 'aborted' };
    const outcome = await this.trainer.train(members, loadBytes(members, home), (event) =>
      this.recorder.add(event),
    );
    this.worn = outcome.end === 'died' || (outcome.end === 'verdicts' && this.isWorn(outcome));
    return outcome;
  }

  /** To be called once nothing trains any more. */
  async freeTrainer(): Promise<void> {
    const trainer = this.trainer;
    this.trainer = null; // it trains others from now on
    if (trainer) await this.worker.trainers.give(trainer, { worn: this.worn || !trainer.alive });
  }

  /** Writes how the training ended, or the fault of the machine that ended it, and lets go of everything.
   *  Throws what is no fault of the machine. */
  async settle(outcome: TrainerOutcome | Error): Promise<void> {
    try {
      if (outcome instanceof Error) throw outcome;
      await this.write(outcome);
    } catch (error) {
      const fault = machineFault(error);
      if (!fault) throw error;
      await this.returnFor(fault);
    } finally {
      await this.end();
    }
  }

  /** Everything is written before the verdict is; an attempt without one is given back, which spends nothing.
   */
  private async write(outcome: TrainerOutcome): Promise<void> {
    const { db, closing, machine } = this.worker;
    if (closing.aborted) setTimeout(() => this.recorder.giveUp(), closingPatienceMs).unref();
    const unwritten = await this.recorder.drain().then(
      () => null,
      (error: Error) => error,
    );
    this.worker.paces.learn(this.trials[0]!.config, this.trials.length, outcome);
    const held = this.lease.attempts;
    if (held.length === 0) return;
    const fault =
      outcome.end === 'host-fault' ? { message: outcome.message, loss: true } : machineFault(unwritten);
    if (fault) return this.returnFor(fault);
    if (outcome.end === 'verdicts') machine.noteWork();
    if (outcome.end === 'aborted' && (closing.aborted || !unwritten)) {
      const reason = closing.aborted ? 'the worker shut down' : 'the trainer was stopped';
      await this.patiently(() => giveBack(db, held, reason));
    } else {
      const verdicts = verdictsOf(outcome, held, unwritten).map((verdict) => heldTo(this.trials, verdict));
      await this.patiently(() =>
        finishAttempts(
          db,
          verdicts.filter((v) => held.includes(v.attemptId)),
        ),
      );
    }
  }

  /** Gives its attempts back for a fault of the machine, which then takes no more of them. */
  private async returnFor({ message, loss }: MachineFault): Promise<void> {
    const { db, machine, closing } = this.worker;
    if (!closing.aborted) await machine.noteFault(message);
    const held = this.lease.attempts;
    const reason = `the worker's machine has a fault: ${message}`;
    if (held.length) await this.patiently(() => giveBack(db, held, reason, { loss }));
  }

  private async end(): Promise<void> {
    const { folders, leases, closing, log } = this.worker;
    this.lease.release();
    leases.delete(this.lease);
    closing.removeEventListener('abort', this.onClosing);
    for (const { attemptId } of this.trials) folders.cache.release(attemptId);
    for (const { attemptId } of this.trials)
      await rm(join(folders.scratch, attemptId), { recursive: true, force: true }).catch((error: Error) =>
        log(error.message),
      );
  }

  /** Null where a trial's files are not to be had: the verdict on that is written. */
  private async members(): Promise<Member[] | null> {
    const members: Member[] = [];
    for (const trial of this.trials) {
      const { attemptId } = trial;
      const warn = (note: string) =>
        this.patiently(() => recordProgress(this.worker.db, [{ attemptId, step: 0, note, stepMs: null }]));
      try {
        members.push(await memberOf(trial, this.worker.folders, warn));
      } catch (error) {
        await this.unusable(trial, error);
        this.lease.drop([attemptId]);
      }
    }
    return members.length ? members : null;
  }

  /** Ends an attempt whose trial's files are not to be had. Rethrows what says nothing of that. */
  private async unusable(trial: ClaimedTrial, error: unknown): Promise<void> {
    const { attemptId } = trial;
    const { db, log } = this.worker;
    const fails = (cause: FailureCause, message: string) =>
      this.patiently(() => finishAttempts(db, failed([attemptId], { cause, message })));
    if (error instanceof UnreadableInput) await fails('invalid', error.message);
    else if (error instanceof DamagedArtifact) {
      const then = await this.patiently(() => afterLoss(db, trial, error));
      log(`${trial.trialId.slice(0, 8)}: ${'waits' in then ? then.waits : then.fails}`);
      if ('fails' in then) await fails('dependency', then.fails);
      else await this.patiently(() => giveBack(db, [attemptId], then.waits));
    } else throw error;
  }

  /** Stops these members. Once that is all of them, the trainer is killed where it does not end in time. */
  private stop(attemptIds: string[], patienceMs?: number): void {
    for (const id of attemptIds) {
      this.stopped.add(id);
      this.trainer?.cancel(id);
    }
    if (this.stopped.size === this.trials.length) this.trainer?.killUnlessDone(patienceMs);
  }

  private isWorn({ verdicts, rssBytes }: Extract<TrainerOutcome, { end: 'verdicts' }>): boolean {
    const grown = rssBytes - (this.trainer?.freshBytes ?? 0);
    return (
      grown > this.worker.trainerGrowth || verdicts.some((v) => v.verdict === 'failed' && v.cause === 'error')
    );
  }

  private patiently<T>(work: () => Promise<T>): Promise<T> {
    return throughOutages(work, { signal: this.worker.closing, log: this.worker.log });
  }
}

/** What could not be written down did not happen: such an attempt is a crash, whatever the trainer made of
 *  it. */
function verdictsOf(outcome: TrainerOutcome, held: readonly string[], unwritten: Error | null): Verdict[] {
  if (unwritten)
    return failed(held, {
      cause: 'error',
      message: `its results could not be written: ${unwritten.message}`,
    });
  if (outcome.end === 'verdicts') return outcome.verdicts;
  return outcome.end === 'died' ? failed(held, outcome) : [];
}

function failed(
  attemptIds: readonly string[],
  { cause, message }: { cause: FailureCause; message: string },
): Verdict[] {
  return attemptIds.map((attemptId) => ({ verdict: 'failed', attemptId, cause, message }));
}
