import { useEffect } from 'react';
import { ProblemNote } from '../problem-note.js';
import { session } from '../session.js';
import { usePolled } from '../live/use-polled.js';
import { ExperimentCard } from './experiment-card.js';
import { Workers } from './workers.js';

/** Every experiment, the newest first. */
export function ExperimentList({ onProblem }: { onProblem: (error: unknown) => void }) {
  const { value: experiments, problem } = usePolled(() => session().experiments(), 3_000);
  useEffect(() => {
    document.title = 'peftgrid';
  }, []);
  useEffect(() => onProblem(problem), [problem]);
  return (
    <>
      <div className="heading">
        <h1>Experiments</h1>
        <Workers />
      </div>
      <ProblemNote problem={problem} />
      {experiments?.length === 0 && (
        <p className="empty">
          There is no experiment yet. Submit one: <code>./peftgrid submit examples/….yaml</code>
        </p>
      )}
      <ul className="experiments">
        {experiments?.map((experiment) => (
          <li key={experiment.id}>
            <ExperimentCard experiment={experiment} />
          </li>
        ))}
      </ul>
    </>
  );
}
