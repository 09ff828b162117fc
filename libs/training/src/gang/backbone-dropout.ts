import { dropout, type Draws } from '#engine/ops/dropout.js';
import type { Adaptation } from '#models/adaptation.js';

/** The adaptation with the backbone's own dropout at every place that a model names (adaptation.ts). What is
 *  dropped follows from the seeds and the place alone: it is the same after a resume, in another lane, and
 *  next to other members. */
export function withDropout(adaptation: Adaptation, rate: number, draws: Draws): Adaptation {
  if (rate === 0) return adaptation;
  const met = new Map<string, number>(); // a decoder meets its places once for a text and again behind it
  return {
    ...adaptation,
    dropped(at, x) {
      const times = met.get(at) ?? 0;
      met.set(at, times + 1);
      return dropout(x, rate, draws, siteOf(`${at} ${times}`));
    },
  };
}

const ofMethods = 2 ** 21; // the sites below are methods' and heads' own

/** A site of a place, by a hash of its name (FNV-1a of 30 bits). */
function siteOf(name: string): number {
  let hash = 0x811c9dc5;
  for (const char of Buffer.from(name)) hash = Math.imul(hash ^ char, 0x01000193) >>> 0;
  return ofMethods + (hash >>> 2);
}
