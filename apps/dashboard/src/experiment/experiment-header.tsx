import type { CellView, ExperimentView } from '#contracts/experiment.js';
import { durationText, timeText } from '../duration-text.js';
import type { LiveExperiment } from '../live/live-experiment.js';
import { ProgressBar } from '../progress-bar.js';
import { ExperimentPill } from '../state-pill.js';
import { Workers } from '../experiments/workers.js';
import { Steering } from './steering.js';

interface Props {
  experiment: ExperimentView;
  cells: readonly CellView[];
  live: LiveExperiment;
}

export function ExperimentHeader({ experiment, cells, live }: Props) {
  const { name, state, id } = experiment;
  return (
    <section className="experiment-head">
      <div className="heading">
        <h1>{name}</h1>
        <ExperimentPill {...experiment} />
        <Steering experiment={experiment} live={live} />
      </div>
      <p className="facts">{facts(experiment, cells).join(' · ')}</p>
      <ProgressBar {...experiment} />
      {state === 'active' && <Workers />}
      <p className="quiet id">{id}</p>
    </section>
  );
}

function facts(experiment: ExperimentView, cells: readonly CellView[]): string[] {
  const { reused, createdAt, finishedAt, etaSeconds, state, priority } = experiment;
  const took = finishedAt ? (Date.parse(finishedAt) - Date.parse(createdAt)) / 1000 : null;
  return [
    trialsText(experiment, cells),
    ...(reused ? [`${reused} cells reused`] : []),
    ...(priority ? [`priority ${priority}`] : []),
    `submitted ${timeText(createdAt)}`,
    ...(took === null ? [] : [`${state} after ${durationText(took)}`]),
    ...(state === 'active'
      ? [etaSeconds === null ? 'time left: nothing measured yet' : `about ${durationText(etaSeconds)} left`]
      : []),
  ];
}

/** "36 cells, 37 trials (1 prepares what others start from)": why there are not as many trials as cells. */
function trialsText({ cells: count, trials }: ExperimentView, cells: readonly CellView[]): string {
  const total = Object.values(trials).reduce((sum, n) => sum + n, 0);
  const own = new Set(cells.map((cell) => cell.trialId)).size;
  const reasons = [
    ...(cells.length && total > own
      ? [`${total - own} ${total - own === 1 ? 'prepares' : 'prepare'} what others start from`]
      : []),
    ...(cells.length > own
      ? [
          `${cells.length - own} ${cells.length - own === 1 ? 'cell shares' : 'cells share'} the trial of an equal one`,
        ]
      : []),
  ];
  return `${count} ${count === 1 ? 'cell' : 'cells'}, ${total} ${total === 1 ? 'trial' : 'trials'}${reasons.length ? ` (${reasons.join(', ')})` : ''}`;
}
