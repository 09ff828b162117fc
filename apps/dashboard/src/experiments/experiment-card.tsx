import type { ExperimentView } from '#contracts/experiment.js';
import { durationText, timeText } from '../duration-text.js';
import { ProgressBar } from '../progress-bar.js';
import { hrefOf } from '../route.js';
import { ExperimentPill } from '../state-pill.js';

export function ExperimentCard({ experiment }: { experiment: ExperimentView }) {
  const { id, name, state, cells, reused, createdAt, etaSeconds, trials } = experiment;
  return (
    <a className="card" href={hrefOf({ experimentId: id, trialId: null })}>
      <div className="card-head">
        <h2>{name}</h2>
        <ExperimentPill state={state} trials={trials} />
        <span className="quiet">
          {cells} cells{reused > 0 && `, ${reused} reused`}
        </span>
        <span className="quiet end">
          {etaSeconds !== null && state === 'active' ? `about ${durationText(etaSeconds)} left · ` : ''}
          {timeText(createdAt)}
        </span>
      </div>
      <ProgressBar state={state} trials={trials} />
    </a>
  );
}
