import { setTimeout as sleep } from 'node:timers/promises';

const everyMs = 30;

/** Waits until the probe answers with something, and returns it. Throws what was waited for, with the last
 *  answer's or error's words. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined | null | false>,
  withinMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (let last = ''; ;) {
    try {
      const found = await probe();
      if (found !== undefined && found !== null && found !== false) return found;
    } catch (error) {
      last = `; the last error: ${(error as Error).message}`;
    }
    if (Date.now() > deadline) throw new Error(`waited ${withinMs / 1e3} s in vain until ${what}${last}`);
    await sleep(everyMs);
  }
}
