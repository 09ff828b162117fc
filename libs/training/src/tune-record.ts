/** What of one trial outlives its process, beside the tensors. */
export interface TuneRecord {
  step: number; // optimizer steps done
  curve: number[]; // losses since the last point of the curve
  best: { step: number; value: number; validation: Record<string, number> } | null;
  sinceBest: number; // validations without improvement
  stopped: boolean; // patience ran out
}

export const newRecord = (): TuneRecord => ({ step: 0, curve: [], best: null, sinceBest: 0, stopped: false });

/** Of equal scores the earlier stands. */
export function isBetter(value: number, { best }: TuneRecord): boolean {
  return best === null || value > best.value;
}
