import { createHash } from 'node:crypto';
import { labelsText } from '#contracts/labels.js';

/** The queue of workers without labels. */
export const commonQueue = 'trials';

/** The queue that workers with these labels hear: all that have the same. */
export function queueOf(labels: readonly string[]): string {
  if (labels.length === 0) return commonQueue;
  return `${commonQueue}-${createHash('sha256').update(labelsText(labels)).digest('hex').slice(0, 16)}`;
}
