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

/** Takes down a validation; true where it is the best so far. Of equal scores the earlier stands. After `patience` validations without
 *  improvement the trial stops (null: never). */
export function noteValidation(record: TuneRecord, validated: Validated, patience: number | null): boolean {
  const better = record.best === null || validated.value > record.best.value;
  if (better) record.best = validated;
  record.sinceBest = better ? 0 : record.sinceBest + 1;
  record.stopped = patience !== null && record.sinceBest >= patience;
  return better;
}
