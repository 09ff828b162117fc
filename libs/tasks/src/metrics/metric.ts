import type { Scale } from '#contracts/trainer-messages.js';
import type { Example, Kind, Said } from '../example.js';

/** One number that says how well a model answers a split, with its unit and direction. */
export interface Metric<K extends Kind> extends Scale {
  name: string;
  /** `said` has one answer for each example. */
  of(examples: readonly Example<K>[], said: readonly Said[K][]): number;
}

export const share = { unit: 'share', better: 'larger' } as const;
