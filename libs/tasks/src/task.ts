import type { Kind } from '#contracts/kind.js';
import type { SplitSizes } from '#contracts/trainer-messages.js';
import type { Dataset, Splits } from './dataset.js';
import type { DataRecord } from './reading/data-record.js';
import type { Reader } from './reading/reader.js';

/** A named task, one file each. `C` is its config, `K` the kind of its answers. */
export interface TaskDefinition<C, K extends Kind = Kind> {
  /** How its files are read; which they are stands in contracts/inputs-of.ts. */
  reader(config: C): Reader;
  /** Its splits, an example at a time; the files' rows come from `records`. Throws an Error naming file, line
   *  or knob. */
  splits(config: C, records: (path: string) => readonly DataRecord[]): Generator<void, Splits<K>>;
  /** The splits with what the kind adds. */
  dataset(splits: Splits<K>, config: C): Dataset<K>;
  /** Which of the texts that were written for an example is its answer, by what the model read of it; absent:
   *  the model's best. */
  choose?(config: C): Dataset<K>['choose'] | undefined;
  /** What is known of data that comes along with peftgrid, so that nothing is read to check a grid. Throws as
   *  splits(). */
  shipped?(config: C): { sizes: SplitSizes; labels: readonly string[] };
}
