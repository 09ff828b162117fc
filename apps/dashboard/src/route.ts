import { useSyncExternalStore } from 'react';

/** Where the page is: the part of the address behind "#", so that any server of files can serve it. */
export interface Route {
  experimentId: string | null; // null: the list
  trialId: string | null; // shown in the panel
}

export function useRoute(): Route {
  return parseRoute(useSyncExternalStore(onChange, () => location.hash));
}

export function parseRoute(hash: string): Route {
  const [, experimentId, trialId] = /^#\/experiments\/([^/]+)(?:\/trials\/([^/]+))?$/.exec(hash) ?? [];
  return { experimentId: experimentId ?? null, trialId: trialId ?? null };
}

export function hrefOf({ experimentId, trialId }: Route): string {
  if (!experimentId) return '#/';
  return `#/experiments/${experimentId}${trialId ? `/trials/${trialId}` : ''}`;
}

function onChange(listener: () => void): () => void {
  addEventListener('hashchange', listener);
  return () => removeEventListener('hashchange', listener);
}
