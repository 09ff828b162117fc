import { useState } from 'react';
import type { CellView } from '#contracts/experiment.js';
import type { LiveExperiment } from '../live/live-experiment.js';
import type { TrialNews } from '../live/apply-news.js';
import { RunningCard } from './running-card.js';
import { runningOf } from './running-of.js';

interface Props {
  cells: readonly CellView[];
  others: ReadonlyMap<string, TrialNews>;
  live: LiveExperiment;
  onOpen: (trialId: string) => void;
}

const few = 8;

/** The loss of every trial that runs, as it falls. */
export function RunningCurves({ cells, others, live, onOpen }: Props) {
  const [all, setAll] = useState(false);
  const running = runningOf(cells, others);
  if (running.length === 0) return null;
  const shown = all ? running : running.slice(0, few);
  return (
    <section className="running-now" aria-label="running trials">
      <h2>Running now</h2>
      <div className="running-cards">
        {shown.map((trial) => (
          <RunningCard key={trial.trialId} trial={trial} live={live} onOpen={onOpen} />
        ))}
      </div>
      {running.length > shown.length && (
        <button onClick={() => setAll(true)}>Show all {running.length}</button>
      )}
    </section>
  );
}
