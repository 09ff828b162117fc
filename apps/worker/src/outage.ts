import { setTimeout as sleep } from 'node:timers/promises';

const firstPauseMs = 100;
const longestPauseMs = 3_000;

export interface Patience {
  signal?: AbortSignal; // gives up when it aborts
  log(line: string): void;
}

/** Calls `work` again and again while Postgres is away; other errors, and giving up, throw what it threw last. The work must do no harm
 *  when it is done twice: an answer may have been lost on the way. */
export async function throughOutages<T>(work: () => Promise<T>, { signal, log }: Patience): Promise<T> {
  for (let failures = 0; ; failures++) {
    try {
      const result = await work();
      if (failures) log('Postgres is back');
      return result;
    } catch (error) {
      if (!isOutage(error) || signal?.aborted) throw error;
      if (failures === 0) log(`Postgres is away (${(error as Error).message}); what is measured waits in memory`);
      await sleep(Math.min(longestPauseMs, firstPauseMs * 2 ** failures), undefined, signal ? { signal } : {}).catch(() => {});
    }
  }
}

const systemCodes = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN', 'ENOENT', 'EMFILE', 'ENFILE', 'ENOMEM']); // prettier-ignore

/** Whether the server could not be spoken to, as opposed to having refused what it was asked. Postgres' classes 08 (connection), 53
 *  (resources) and 57P (shutdown, crash, starting up), those of sockets and of a machine that has no more of them, and
 *  pg's own errors, which have no code. */
export function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError) return error.errors.some(isOutage);
  const { code } = error as Error & { code?: unknown };
  if (typeof code === 'string') return /^(08|53|57P)/.test(code) || systemCodes.has(code);
  return /Connection terminated|timeout exceeded when trying to connect|not queryable|Client was closed/.test(error.message);
}
