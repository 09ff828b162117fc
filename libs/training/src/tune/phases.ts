import type { Phase } from '#contracts/trainer-messages.js';

/** Where the time of a run goes: seconds of each phase, which follow one another and may come again. */
export class Phases {
  private readonly spent: Partial<Record<Phase, number>> = {};
  private phase: Phase = 'loading';
  private since = performance.now();

  /** What comes from here on. */
  enter(phase: Phase): void {
    const now = performance.now();
    this.spent[this.phase] = (this.spent[this.phase] ?? 0) + (now - this.since) / 1e3;
    this.since = now;
    this.phase = phase;
  }

  /** Seconds of each so far. */
  get seconds(): Partial<Record<Phase, number>> {
    this.enter(this.phase);
    return { ...this.spent };
  }
}
