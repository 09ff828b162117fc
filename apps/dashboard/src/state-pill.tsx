import type { ExperimentView } from '#contracts/experiment.js';

/** An experiment's state. One that has ended is no success where trials failed: then it says how many, in
 *  their colour. */
export function ExperimentPill({ state, trials }: Pick<ExperimentView, 'state' | 'trials'>) {
  const { failed } = trials;
  if (state !== 'finished' || failed === 0) return <StatePill state={state} />;
  const total = Object.values(trials).reduce((sum, n) => sum + n, 0);
  return (
    <span className="pill finished failed">
      {state}, {failed} of {total} failed
    </span>
  );
}

/** A state as a word with its colour. */
export function StatePill({ state, cause }: { state: string; cause?: string | null | undefined }) {
  return (
    <span className={`pill ${state}`}>
      {state}
      {cause ? `: ${cause}` : ''}
    </span>
  );
}
