import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

const pollMs = 250;

/** How a worker that is told to end comes to it: with no patience at once, else when what runs has ended, or
 *  the patience has, or at a second signal. `closing` aborts then. */
export class Draining {
  private readonly asked = new AbortController();

  constructor(
    private readonly closing: AbortController,
    private readonly patienceMs: number,
    private readonly log: (line: string) => void,
  ) {}

  /** Whether the worker was told to end. */
  get begun(): boolean {
    return this.asked.signal.aborted || this.closing.signal.aborted;
  }

  /** To be called at each signal. */
  start(): void {
    if (this.asked.signal.aborted || this.patienceMs === 0) this.closing.abort();
    this.asked.abort();
  }

  /** Resolves when `closing` has aborted. `refuse` sees to it that nothing new comes; `running` counts what
   *  is left. */
  async over(refuse: () => Promise<void>, running: () => number): Promise<void> {
    const closed = this.closing.signal.aborted ? undefined : once(this.closing.signal, 'abort');
    if (!this.asked.signal.aborted) await Promise.race([closed, once(this.asked.signal, 'abort')]);
    if (this.closing.signal.aborted) return;
    await refuse();
    this.log(`takes no more work; what runs may go on for ${this.patienceMs / 1e3} s`);
    const until = performance.now() + this.patienceMs;
    let idle = 0; // looks in a row at which nothing ran: a job may be on its way to us
    while (!this.closing.signal.aborted && performance.now() < until && idle < 3) {
      await sleep(pollMs, undefined, { signal: this.closing.signal }).catch(() => {});
      idle = running() === 0 ? idle + 1 : 0;
    }
    this.closing.abort();
  }
}
