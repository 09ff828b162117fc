import { setTimeout as sleep } from 'node:timers/promises';
import { isOutage } from '#db/outage.js';

const firstPauseMs = 100;
const longestPauseMs = 3_000;

export interface Patience {
  signal?: AbortSignal; // gives up when it aborts
  log(line: string): void;
}

/** Calls `work` again and again while Postgres is away; other errors, and giving up, throw what it threw
 *  last. The work must do no harm when it is done twice: an answer may have been lost on the way. */
export async function throughOutages<T>(work: () => Promise<T>, { signal, log }: Patience): Promise<T> {
  for (let failures = 0; ; failures++) {
    try {
      const result = await work();
      if (failures) log('Postgres is back');
      return result;
    } catch (error) {
      if (!isOutage(error) || signal?.aborted) throw error;
      if (failures === 0)
        log(`Postgres is away (${(error as Error).message}); what is measured waits in memory`);
      await sleep(
        Math.min(longestPauseMs, firstPauseMs * 2 ** failures),
        undefined,
        signal ? { signal } : {},
      ).catch(() => {});
    }
  }
}
