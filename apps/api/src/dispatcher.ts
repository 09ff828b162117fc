import type { Logger } from 'pino';
import type { Database } from '#db/database.js';
import { dispatchReady, markRung, unrung } from '#db/dispatch.js';
import { eventsChannel, listenTo } from '#db/events.js';
import { expireLeases, leaseSeconds } from '#db/leases.js';
import { openSlots } from '#db/workers.js';
import type { TrialJob } from '#contracts/queue.js';
import { Leader } from './leader.js';

const tickMs = 1_000;
const longestPauseMs = 30_000;

/** Where jobs are announced. Ringing twice is harmless: a stale job claims nothing. */
export interface Doorbell {
  ring(jobs: TrialJob[]): Promise<void>;
}

export interface DispatcherParts {
  db: Database;
  queue: Doorbell;
  log: Logger;
  gangSize: number; // trials in one job at most
  upkeep: { start(): void }; // done by the process that dispatches
}

/** Decides what runs next, in one API process at a time: wakes with every event and every second, and survives what fails. */
export async function startDispatcher({ db, queue, log, gangSize, upkeep }: DispatcherParts): Promise<{ stop(): Promise<void> }> {
  const leader = new Leader(db.url);
  const alarm = new Alarm();
  const ears = await listenTo(db.url, [eventsChannel], () => alarm.ring());
  const loop = async (): Promise<void> => {
    let [led, failures, failedAt] = [false, 0, -Infinity];
    // A worker that lost Postgres as we did must find the time to renew before its trials are given to others.
    const steady = () => performance.now() - Math.max(leader.since, failedAt) >= leaseSeconds * 1e3;
    while (!alarm.ended) {
      try {
        const leads = await leader.held();
        if (leads !== led) log.info(leads ? 'this process dispatches now' : 'this process no longer dispatches');
        led = leads;
        if (leads) {
          await round({ db, queue, log, gangSize }, steady());
          upkeep.start();
        }
        failures = 0;
      } catch (error) {
        failures++;
        failedAt = performance.now();
        log.error({ err: error, failures }, 'dispatching failed; it is tried again');
      }
      if (failures) await alarm.slept(Math.min(longestPauseMs, tickMs * 2 ** (failures - 1)));
      else await alarm.wait(tickMs);
    }
  };
  const running = loop();
  const stop = async (): Promise<void> => {
    alarm.end();
    await Promise.all([ears.close(), running]);
    await leader.release();
  };
  return { stop };
}

/** Attempts are rung from the outbox only, so that a crash between the two leaves nothing unrung for long. */
async function round({ db, queue, log, gangSize }: Omit<DispatcherParts, 'upkeep'>, expires: boolean): Promise<void> {
  const lost = expires ? await expireLeases(db) : [];
  if (lost.length) log.warn({ trials: lost }, 'leases expired');
  const slots = await openSlots(db);
  const jobs = await dispatchReady(db, { slots, gangSize });
  if (jobs.length) log.info({ jobs: jobs.length }, 'dispatched');
  const silent = await unrung(db);
  if (silent.length === 0) return;
  await queue.ring(silent);
  await markRung(db, silent);
}

/** Sleep that can be cut short. A ring that nobody waits for is kept for the next wait. */
class Alarm {
  private rung = false;
  ended = false;
  private wake: (() => void) | null = null;

  ring(): void {
    this.rung = true;
    this.wake?.();
  }

  end(): void {
    this.ended = true;
    this.wake?.();
  }

  async wait(ms: number): Promise<void> {
    if (!this.rung) await this.slept(ms);
    this.rung = false;
  }

  async slept(ms: number): Promise<void> {
    if (this.ended) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.wake = null;
  }
}
