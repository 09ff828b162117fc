import type { ExperimentView } from '#contracts/experiment.js';
import { durationText, timeText } from '../duration-text.js';
import type { LiveExperiment } from '../live/live-experiment.js';
import { ProgressBar } from '../progress-bar.js';
import { StatePill } from '../state-pill.js';
import { Workers } from '../experiments/workers.js';
import { Steering } from './steering.js';

export function ExperimentHeader({ experiment, live }: { experiment: ExperimentView; live: LiveExperiment }) {
  const { name, state, id } = experiment;
  return (
    <section className="experiment-head">
      <div className="heading">
        <h1>{name}</h1>
        <StatePill state={state} />
        <Steering experiment={experiment} live={live} />
      </div>
      <p className="facts">{facts(experiment).join(' · ')}</p>
      <ProgressBar trials={experiment.trials} />
      {state === 'active' && <Workers />}
      <p className="quiet id">{id}</p>
    </section>
  );
}

function facts({ cells, trials, reused, createdAt, finishedAt, etaSeconds, state, priority }: ExperimentView): string[] {
  const distinct = Object.values(trials).reduce((sum, n) => sum + n, 0);
  const took = finishedAt ? (Date.parse(finishedAt) - Date.parse(createdAt)) / 1000 : null;
  return [
    `${cells} cells, ${distinct} trials`,
    ...(reused ? [`${reused} cells reused`] : []),
    ...(priority ? [`priority ${priority}`] : []),
    `submitted ${timeText(createdAt)}`,
    ...(took === null ? [] : [`${state} after ${durationText(took)}`]),
    ...(state === 'active'
      ? [etaSeconds === null ? 'time left: nothing measured yet' : `about ${durationText(etaSeconds)} left`]
      : []),
  ];
}
