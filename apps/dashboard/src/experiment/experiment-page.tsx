import { lazy, Suspense, useEffect, useMemo } from 'react';
import { ApiError } from '#contracts/client.js';
import { useLiveExperiment } from '../live/use-live-experiment.js';
import { ProblemNote } from '../problem-note.js';
import { hrefOf } from '../route.js';
import { ExperimentHeader } from './experiment-header.js';
import { Failures } from './failures.js';
import { GridSection } from './grid-section.js';
import { RunningCurves } from './running-curves.js';
import { byGrid } from './by-grid.js';

const TrialPanel = lazy(async () => ({ default: (await import('../trial/trial-panel.js')).TrialPanel }));

interface Props {
  id: string;
  trialId: string | null;
  onProblem: (error: unknown) => void;
}

/** One experiment: its head, what failed, what runs, and a section for each of its grids. */
export function ExperimentPage({ id, trialId, onProblem }: Props) {
  const { live, snapshot } = useLiveExperiment(id);
  const { experiment, cells, others, results, problem } = snapshot;
  const grids = useMemo(() => byGrid(cells), [cells]);
  useEffect(() => onProblem(problem), [problem]);
  useEffect(() => {
    document.title = experiment ? `${experiment.name} · peftgrid` : 'peftgrid';
  }, [experiment?.name]);
  const openTrial = (trial: string | null) => (location.hash = hrefOf({ experimentId: id, trialId: trial }));
  if (!experiment && problem instanceof ApiError && (problem.status === 404 || problem.status === 400))
    return <NotThere id={id} />;
  return (
    <>
      <ProblemNote problem={problem} />
      {experiment && <ExperimentHeader experiment={experiment} cells={cells} live={live} />}
      <Failures cells={cells} onOpen={openTrial} />
      <RunningCurves cells={cells} others={others} live={live} onOpen={openTrial} />
      {experiment &&
        [...grids].map(([grid, own]) => (
          <GridSection
            key={grid}
            name={grid}
            cells={own}
            results={results}
            isActive={experiment.state === 'active' || experiment.state === 'paused'}
            selected={trialId}
            onOpen={openTrial}
          />
        ))}
      {trialId && (
        <Suspense>
          <TrialPanel
            key={trialId}
            trialId={trialId}
            cells={cells}
            live={live}
            onOpen={openTrial}
            onClose={() => openTrial(null)}
          />
        </Suspense>
      )}
    </>
  );
}

function NotThere({ id }: { id: string }) {
  return (
    <section className="not-there">
      <h1>There is no such experiment</h1>
      <p>
        No experiment has the id <code>{id}</code>. It may have been another server’s.
      </p>
      <p>
        <a href={hrefOf({ experimentId: null, trialId: null })}>All experiments</a>
      </p>
    </section>
  );
}
