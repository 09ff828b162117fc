import { renewLease } from '#db/claim-attempts.js';
import type { Database } from '#db/database.js';
import { leaseSeconds } from '#db/leases.js';
import { isOutage } from '#db/outage.js';

const renewMs = 3_000;

export interface LeaseOptions {
  db: Database;
  attemptIds: string[];
  log(line: string): void;
  lost(attemptIds: string[]): void; // they run elsewhere, or nowhere: whatever is written for them is refused
  cancelled(attemptIds: string[]): void; // they are to be stopped; told once each
}

/** Holds a gang's attempts for this worker by renewing their lease, which is also how it hears that one was
 *  cancelled or lost. While Postgres is away the training goes on: nobody else can take the trial either. */
export class Lease {
  private held: string[];
  private readonly stopping = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  private released = false;

  constructor(private readonly options: LeaseOptions) {
    this.held = [...options.attemptIds];
    this.schedule();
  }

  get attempts(): readonly string[] {
    return this.held;
  }

  /** These are no longer ours. */
  drop(attemptIds: readonly string[]): void {
    const dropped = this.held.filter((id) => attemptIds.includes(id));
    if (dropped.length === 0) return;
    this.held = this.held.filter((id) => !dropped.includes(id));
    this.options.log(`lost ${dropped.join(', ')}: the lease ran out, or the trial was taken over`);
    this.options.lost(dropped);
  }

  /** Renews now, without waiting for the next time. */
  async renew(): Promise<void> {
    if (this.released || this.held.length === 0) return;
    try {
      const { lost, cancelled } = await renewLease(this.options.db, this.held, leaseSeconds);
      if (this.released) return;
      this.drop(lost);
      const fresh = cancelled.filter((id) => !this.stopping.has(id));
      for (const id of fresh) this.stopping.add(id);
      if (fresh.length) this.options.cancelled(fresh);
    } catch (error) {
      this.options.log(`the lease could not be renewed: ${(error as Error).message}`);
      if (!isOutage(error)) throw error;
    }
  }

  release(): void {
    this.released = true;
    clearTimeout(this.timer);
  }

  private schedule(): void {
    this.timer = setTimeout(() => {
      void this.renew()
        .catch(() => {}) // logged; the lease runs out if it stays so
        .then(() => this.released || this.schedule());
    }, renewMs);
  }
}
