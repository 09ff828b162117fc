import { type MetricName, type Scale, scales } from '#contracts/scales.js';
import type { Example, Kind, Said } from '../example.js';

/** One number that says how well a model answers a split, with its unit and direction. */
export interface Metric<K extends Kind> extends Scale {
  name: string;
  /** `said` has one answer for each example. */
  of(examples: readonly Example<K>[], said: readonly Said[K][]): number;
}

/** A metric by its name, whose scale stands in contracts/scales.ts. */
export const metric = <K extends Kind>(name: MetricName, of: Metric<K>['of']): Metric<K> => ({ name, ...scales[name], of });
