import { LossCurve } from '../charts/loss-curve.js';
import type { LiveExperiment } from '../live/live-experiment.js';
import type { RunningTrial } from './running-of.js';

interface Props {
  trial: RunningTrial;
  live: LiveExperiment;
  onOpen: (trialId: string) => void;
}

export function RunningCard({ trial, live, onOpen }: Props) {
  const { trialId, label, step, steps, stepMs, why } = trial;
  const share = steps ? step / steps : 0;
  return (
    <article className="running-card">
      <button className="link title" title={why} onClick={() => onOpen(trialId)}>
        {label}
      </button>
      <p className="quiet">
        step {step}
        {steps !== null && ` of ${steps}`}
        {stepMs !== null && ` · ${stepMs.toFixed(0)} ms a step`}
      </p>
      <LossCurve trialId={trialId} live={live} height={110} compact />
      <span className="thin-bar">
        <span style={{ width: `${100 * share}%` }} />
      </span>
    </article>
  );
}
