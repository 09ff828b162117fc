import { setTimeout as sleep } from 'node:timers/promises';
import { StoreFault } from './faults.js';
import type { Place } from './place.js';

/** How long a place that is away is waited for. */
export interface Patience {
  ms: number;
  signal?: AbortSignal; // gives up when it aborts
  log?(line: string): void;
}

/** How long a worker waits, unless PEFTGRID_STORE_PATIENCE_S says otherwise. */
export const workersPatienceS = 600;

const firstPauseMs = 200;
const longestPauseMs = 5_000;
const slowShare = 1 / 20; // of the patience: a call that takes longer is told

/** Calls `work` again while the place is away, after 0.2 s, 0.4 s and so on up to 5 s. Says so, and where a
 *  call takes long. Throws StoreFault once the patience has ended, or at once where the place is full or
 *  refuses; other errors as they are. The work must do no harm when it is done twice. */
export async function patiently<T>(
  place: Place,
  { ms, signal, log = () => {} }: Patience,
  work: () => Promise<T>,
): Promise<T> {
  const until = performance.now() + ms;
  for (let failures = 0; ; failures++) {
    try {
      const result = await toldWhereSlow(place, { ms, log }, work);
      if (failures) log(`the artifact store ${place.name} is back`);
      return result;
    } catch (error) {
      const fault = place.faultOf(error);
      if (!fault) throw error;
      const sentence = `the artifact store ${place.name} ${fault.message}`;
      const pause = Math.min(longestPauseMs, firstPauseMs * 2 ** failures);
      if (fault.kind !== 'away' || signal?.aborted || performance.now() + pause > until)
        throw new StoreFault(fault.kind, sentence, { cause: error });
      if (failures === 0) log(`${sentence}; it is tried again for ${Math.ceil(ms / 1e3)} s`);
      await sleep(pause, undefined, signal ? { signal } : {}).catch(() => {});
    }
  }
}

/** A slow place is waited for as long as bytes move: whoever looks at the log learns that it is not us. */
async function toldWhereSlow<T>(
  { name }: Place,
  { ms, log }: { ms: number; log(line: string): void },
  work: () => Promise<T>,
): Promise<T> {
  const slowMs = ms * slowShare;
  const tell = (): void => log(`the artifact store ${name} is slow: a call takes over ${slowMs / 1e3} s`);
  const timer = ms > 0 ? setTimeout(tell, slowMs) : undefined;
  try {
    return await work();
  } finally {
    clearTimeout(timer);
  }
}
