import { useEffect, useRef, useState } from 'react';
import type { CellView, TrialView } from '#contracts/experiment.js';
import { LossCurve } from '../charts/loss-curve.js';
import type { LiveExperiment } from '../live/live-experiment.js';
import { pointText } from '../point-text.js';
import { ProblemNote } from '../problem-note.js';
import { session } from '../session.js';
import { StatePill } from '../state-pill.js';
import { Attempts } from './attempts.js';
import { Checkpoints } from './checkpoints.js';
import { Dependencies } from './dependencies.js';
import { Neighbours } from './neighbours.js';
import { Predictions } from './predictions.js';
import { RetryButton } from './retry-button.js';
import { SummaryFacts } from './summary-facts.js';

interface Props {
  trialId: string;
  cells: readonly CellView[];
  live: LiveExperiment;
  onOpen: (trialId: string) => void;
  onClose: () => void;
}

/** Everything about one trial, beside the page. Escape closes it. */
export function TrialPanel({ trialId, cells, live, onOpen, onClose }: Props) {
  const own = cells.filter((cell) => cell.trialId === trialId);
  const { trial, problem, read } = useTrial(trialId, own[0]);
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    panel.current!.focus();
    const close = (event: KeyboardEvent) => event.key === 'Escape' && onClose();
    addEventListener('keydown', close);
    return () => {
      removeEventListener('keydown', close);
      before?.focus();
    };
  }, []);
  return (
    <aside className="panel" ref={panel} tabIndex={-1} aria-label="trial">
      <button className="close" aria-label="close" onClick={onClose}>
        ×
      </button>
      <h2>{own[0] ? pointText(own[0]) : `trial ${trialId.slice(0, 8)}…`}</h2>
      <ProblemNote problem={problem} />
      {trial && (
        <>
          <p>
            <StatePill state={trial.state} cause={trial.cause} />
            <RetryButton trial={trial} onRetried={() => (live.read(), read())} />
          </p>
          <p className="why">{trial.why}</p>
          <p className="quiet">
            step {trial.step} of {trial.steps}
            {own.length > 1 && ` · ${own.length} cells share this trial`}
          </p>
          <LossCurve trialId={trialId} live={live} height={230} />
          {trial.summary && <SummaryFacts summary={trial.summary} />}
          <Predictions trial={trial} />
          <Neighbours trial={trial} />
          <Dependencies waitsFor={trial.waitsFor} onOpen={onOpen} />
          <Attempts attempts={trial.attempts} />
          <Checkpoints trial={trial} />
          <details>
            <summary>Config</summary>
            <pre>{JSON.stringify(trial.config, null, 2)}</pre>
            <p className="quiet id">key {trial.key}</p>
          </details>
        </>
      )}
    </aside>
  );
}

/** Read when opened, and again whenever its cell has changed, at most once a second. */
function useTrial(trialId: string, cell: CellView | undefined) {
  const [trial, setTrial] = useState<TrialView | null>(null);
  const [problem, setProblem] = useState<Error | null>(null);
  const read = () => session().trial(trialId).then(setTrial, setProblem);
  useEffect(() => {
    const timer = setTimeout(() => void read(), trial ? 1_000 : 0);
    return () => clearTimeout(timer);
  }, [cell?.state, cell?.summary !== null, Math.floor((cell?.step ?? 0) / 50)]);
  return { trial, problem, read };
}
