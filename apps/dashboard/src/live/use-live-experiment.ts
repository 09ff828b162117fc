import { useEffect, useState, useSyncExternalStore } from 'react';
import { session } from '../session.js';
import { LiveExperiment, type Snapshot } from './live-experiment.js';

/** Lives as long as the component that asks; another experiment needs another component (a key). */
export function useLiveExperiment(id: string): { live: LiveExperiment; snapshot: Snapshot } {
  const [live] = useState(() => new LiveExperiment(session(), id));
  useEffect(() => {
    live.start();
    return () => live.stop();
  }, [live]);
  return { live, snapshot: useSyncExternalStore(live.subscribe, live.current) };
}
