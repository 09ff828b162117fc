import { lazy, Suspense, useState } from 'react';
import { ApiError } from '#contracts/client.js';
import { useRoute } from './route.js';
import { storedToken } from './session.js';
import { TokenForm } from './token-form.js';

// Each page is fetched when it is first gone to.
const ExperimentList = lazy(async () => ({
  default: (await import('./experiments/experiment-list.js')).ExperimentList,
}));
const ExperimentPage = lazy(async () => ({
  default: (await import('./experiment/experiment-page.js')).ExperimentPage,
}));

export function App() {
  const { experimentId, trialId } = useRoute();
  const [refused, setRefused] = useState(false);
  const [entries, setEntries] = useState(0); // tokens entered: each makes the page start over
  const onProblem = (error: unknown) => setRefused(error instanceof ApiError && error.status === 401);
  const entered = () => {
    setRefused(false);
    setEntries(entries + 1);
  };
  return (
    <>
      <header className="top">
        <a className="brand" href="#/">
          peftgrid
        </a>
      </header>
      <main>
        <Suspense fallback={<p className="quiet">…</p>}>
          {refused ? (
            <TokenForm wasRefused={storedToken() !== undefined} onEntered={entered} />
          ) : experimentId ? (
            <ExperimentPage
              key={`${experimentId} ${entries}`}
              id={experimentId}
              trialId={trialId}
              onProblem={onProblem}
            />
          ) : (
            <ExperimentList key={entries} onProblem={onProblem} />
          )}
        </Suspense>
      </main>
    </>
  );
}
