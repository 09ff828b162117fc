import { useState } from 'react';
import type { ExperimentView } from '#contracts/experiment.js';
import type { LiveExperiment } from '../live/live-experiment.js';
import { session } from '../session.js';

type Action = 'pause' | 'resume' | 'cancel';

/** Pause, resume, cancel. Cancelling asks once more, in place. */
export function Steering({ experiment, live }: { experiment: ExperimentView; live: LiveExperiment }) {
  const [isBusy, setBusy] = useState(false);
  const [isAsking, setAsking] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const act = async (action: Action): Promise<void> => {
    setBusy(true);
    setAsking(false);
    try {
      live.adopt(await session()[action](experiment.id));
      setRefusal(null);
    } catch (error) {
      setRefusal((error as Error).message);
    }
    setBusy(false);
  };
  const { state } = experiment;
  if (state === 'finished' || state === 'cancelled') return null;
  return (
    <div className="steering">
      {refusal && <span role="alert">{refusal}</span>}
      <button disabled={isBusy} onClick={() => void act(state === 'paused' ? 'resume' : 'pause')}>
        {state === 'paused' ? 'Resume' : 'Pause'}
      </button>
      {isAsking ? (
        <span className="ask" role="group" aria-label="Cancel the experiment?">
          <button className="danger" autoFocus onClick={() => void act('cancel')}>
            Yes, cancel it
          </button>
          <button onClick={() => setAsking(false)}>Keep it</button>
        </span>
      ) : (
        <button disabled={isBusy} onClick={() => setAsking(true)}>
          Cancel…
        </button>
      )}
    </div>
  );
}
