import { useState } from 'react';
import type { TrialView } from '#contracts/experiment.js';
import { session } from '../session.js';

export function RetryButton({ trial, onRetried }: { trial: TrialView; onRetried: () => void }) {
  const [refusal, setRefusal] = useState<string | null>(null);
  if (trial.state !== 'failed' && trial.state !== 'cancelled') return null;
  const retry = () =>
    session()
      .retry(trial.id)
      .then(onRetried, (error: Error) => setRefusal(error.message));
  return (
    <>
      <button onClick={() => void retry()}>Try again</button>
      {refusal && <span role="alert">{refusal}</span>}
    </>
  );
}
