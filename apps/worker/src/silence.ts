import type { TrainEvent } from '#contracts/trainer-messages.js';

/** How long a trainer may say nothing. */
export interface Patience {
  loadMs: number; // while it reads or compiles, and more by the bytes that it reads
  stepMs: number; // else, and more by what its steps were measured to take
}

const loadRate = 500; // bytes a millisecond: a slow network drive
const timesItsLongest = 20; // the longest silence so far of what it is doing
const timesTheLongest = 4; // the longest silence so far: a new length of text is compiled anew
const mostTickMs = 1_000;

/** Watches a trainer that trains, and calls `expired` once, with a sentence, when it has said nothing for
 *  longer than what it does may take. Time counts in ticks of this process: while the machine sleeps, or this
 *  process is stopped, none passes. */
export class Silence {
  private readonly tickMs: number;
  private readonly timer: NodeJS.Timeout;
  private readonly longest = new Map<string, number>(); // of each note, milliseconds
  private doing = 'starting';
  private loading = true;
  private at = '';
  private silentMs = 0;
  private ticked = performance.now();
  private held = false;

  constructor(
    private readonly patience: Patience,
    private readonly bytes: number,
    private readonly expired: (sentence: string) => void,
  ) {
    this.tickMs = Math.min(mostTickMs, patience.loadMs / 10, patience.stepMs / 10);
    this.timer = setInterval(() => this.tick(), this.tickMs);
  }

  hear(event: TrainEvent): void {
    this.longest.set(this.doing, Math.max(this.silentMs, this.longest.get(this.doing) ?? 0));
    this.silentMs = 0;
    if (event.type !== 'progress') return;
    this.doing = event.note;
    this.loading = event.loading ?? false;
    this.at = ` at step ${event.step} of ${event.steps}`;
  }

  /** It is held still by us, or no longer. */
  hold(still: boolean): void {
    this.held = still;
  }

  end(): void {
    clearInterval(this.timer);
  }

  /** Milliseconds that what it does may take without a word. */
  get limitMs(): number {
    const { loadMs, stepMs } = this.patience;
    const least = this.loading ? loadMs + this.bytes / loadRate : stepMs;
    const measured = timesItsLongest * (this.longest.get(this.doing) ?? 0);
    return Math.max(least, measured, timesTheLongest * Math.max(0, ...this.longest.values()));
  }

  private tick(): void {
    const now = performance.now();
    if (!this.held) this.silentMs += Math.min(now - this.ticked, 2 * this.tickMs);
    this.ticked = now;
    if (this.silentMs <= this.limitMs) return;
    this.end();
    const seconds = (ms: number): string => `${Math.round(ms / 100) / 10} s`;
    this.expired(
      `the trainer hung: it was silent for ${seconds(this.silentMs)} after "${this.doing}"${this.at}, where ${seconds(this.limitMs)} were allowed`,
    );
  }
}
