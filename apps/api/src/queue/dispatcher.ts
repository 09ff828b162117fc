import type { Logger } from 'pino';
import { dispatchChannel } from '#db/channels.js';
import type { Database } from '#db/database.js';
import { dispatchReady, markRung, recallStranded, unrung } from '#db/dispatch.js';
import { expireLeases, leaseSeconds } from '#db/leases.js';
import { listenTo } from '#db/listen-to.js';
import { openSlots } from '#db/workers.js';
import type { TrialJob } from '#contracts/queue.js';
import { Alarm } from './alarm.js';
import { Leader } from './leader.js';

const tickMs = 1_000;
const longestPauseMs = 30_000;
const wayMs = 100; // from a verdict to the next claim, at most, where many trials a second end

/** Where jobs are announced. Ringing twice is harmless: a stale job claims nothing. */
export interface Doorbell {
  ring(jobs: TrialJob[], queue: string): Promise<void>;
}

export interface DispatcherServices {
  db: Database;
  queue: Doorbell;
  log: Logger;
  upkeep: { start(): void }; // done by the process that dispatches
}

export interface Dispatcher {
  /** When it last looked whether it leads and what there is to do, as performance.now(). */
  lookedAt(): number;
  stop(): Promise<void>;
}

/** Decides what runs next, in one API process at a time: wakes when something may have become possible and
 *  every second, and survives what fails. */
export async function startDispatcher(services: DispatcherServices): Promise<Dispatcher> {
  const { db, log, upkeep } = services;
  const leader = new Leader(db.url);
  const alarm = new Alarm();
  const ears = await listenTo(db.url, [dispatchChannel], () => alarm.ring());
  const rounds = new Rounds(services);
  let lookedAt = performance.now();
  const loop = async (): Promise<void> => {
    let [led, failures, failedAt] = [false, 0, -Infinity];
    // A worker that lost Postgres as we did must find the time to renew before its trials are given to
    // others.
    const steady = () => performance.now() - Math.max(leader.since, failedAt) >= leaseSeconds * 1e3;
    while (!alarm.ended) {
      lookedAt = performance.now();
      try {
        const leads = await leader.held();
        if (leads !== led)
          log.info(leads ? 'this process dispatches now' : 'this process no longer dispatches');
        led = leads;
        if (leads) {
          await rounds.next(steady());
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
  return { lookedAt: () => lookedAt, stop };
}

/** What the leader does again and again: it hands out as many jobs as there are free slots, all in one
 *  transition. */
class Rounds {
  private sweptAt = -Infinity;
  private dispatched: { at: number; queue: string; jobs: number }[] = []; // within the last second

  constructor(private readonly services: DispatcherServices) {}

  /** `expires`: leases that have run out end attempts. */
  async next(expires: boolean): Promise<void> {
    const { db, log } = this.services;
    if (performance.now() - this.sweptAt >= tickMs) await this.sweep(expires);
    for (const { queue, labels, slots } of await openSlots(db, this.ahead())) {
      const jobs = await dispatchReady(db, { slots, labels, queue });
      if (jobs.length === 0) continue;
      this.dispatched.push({ at: performance.now(), queue, jobs: jobs.length });
      log.info({ jobs: jobs.length, labels }, 'dispatched');
      await this.ring(jobs, queue);
    }
  }

  /** One job waits for a queue's first free slot. Where jobs are short it is as many as end while the next
   *  are on their way: of that queue alone, since those of another may be long. */
  private ahead(): (queue: string) => number {
    const since = performance.now() - 1e3;
    this.dispatched = this.dispatched.filter(({ at }) => at > since);
    const aSecond = new Map<string, number>();
    for (const { queue, jobs } of this.dispatched) aSecond.set(queue, (aSecond.get(queue) ?? 0) + jobs);
    return (queue) => 1 + Math.floor(((aSecond.get(queue) ?? 0) * wayMs) / 1e3);
  }

  /** What was lost on the way: by a worker with its lease, by the queue, or by a dispatcher that died before
   *  it rang. */
  private async sweep(expires: boolean): Promise<void> {
    const { db, log } = this.services;
    this.sweptAt = performance.now();
    const lost = expires ? await expireLeases(db) : [];
    if (lost.length) log.warn({ trials: lost }, 'leases expired');
    const stranded = await recallStranded(db);
    if (stranded.length) log.warn({ trials: stranded }, 'handed to workers of whose kind none is left');
    for (const { queue, jobs } of await unrung(db)) await this.ring(jobs, queue);
  }

  private async ring(jobs: TrialJob[], queue: string): Promise<void> {
    await this.services.queue.ring(jobs, queue);
    await markRung(this.services.db, jobs);
  }
}
