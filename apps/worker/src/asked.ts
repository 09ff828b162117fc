import { Draining } from './draining.js';
import type { Settings } from './settings.js';

/** What the worker was asked to be, and whether it is asked to end. */
export class Asked {
  readonly closing = new AbortController(); // what runs gives itself back
  readonly draining: Draining;
  exitCode = 0;

  constructor(
    readonly settings: Settings,
    readonly version: string, // of this code
    readonly token: string, // for the API
    readonly log: (line: string) => void,
  ) {
    this.draining = new Draining(this.closing, settings.drainMs, log);
  }

  /** The worker can not go on, for this reason. */
  readonly end = (why: string): void => {
    this.log(why);
    this.exitCode = 1;
    this.closing.abort();
  };
}
