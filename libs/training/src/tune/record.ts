import type { Scale } from '#contracts/scales.js';

/** What of one trial outlives its process, beside the tensors. */
export interface TuneRecord {
  step: number; // optimizer steps done
  curve: number[]; // losses since the last point of the curve
  best: Validated | null;
  sinceBest: number; // validations without improvement
  stopped: boolean; // patience ran out
}

interface Validated {
  step: number;
  value: number; // of the metric that selects
  validation: Record<string, number>;
}

export const newRecord = (): TuneRecord => ({ step: 0, curve: [], best: null, sinceBest: 0, stopped: false });

/** Takes down a validation; true where it is the best so far, in its metric's own direction. Of equal scores
 *  the earlier stands. After `patience` validations without improvement the trial stops (null: never). */
export function noteValidation(
  record: TuneRecord,
  validated: Validated,
  { patience, better }: { patience: number | null; better: Scale['better'] },
): boolean {
  const gain = (value: number) => (better === 'larger' ? value : -value);
  const best = record.best === null || gain(validated.value) > gain(record.best.value);
  if (best) record.best = validated;
  record.sinceBest = best ? 0 : record.sinceBest + 1;
  record.stopped = patience !== null && record.sinceBest >= patience;
  return best;
}
