import type { TrialState } from '#contracts/trial.js';

interface Look {
  label: string;
  mark: string; // told apart without colours too
}

/** How a trial's state is shown, in the order of bars and legends. */
export const states = {
  succeeded: { label: 'succeeded', mark: '' },
  running: { label: 'running', mark: '' },
  dispatched: { label: 'dispatched', mark: '·' }, // handed to the queue, and no worker has begun it
  ready: { label: 'ready', mark: '' },
  blocked: { label: 'blocked', mark: '' },
  pruned: { label: 'pruned', mark: '↓' },
  cancelled: { label: 'cancelled', mark: '–' },
  failed: { label: 'failed', mark: '×' },
} satisfies Record<TrialState, Look>;

export const stateOrder = Object.keys(states) as TrialState[];

export function isFinal(state: TrialState): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'cancelled' || state === 'pruned';
}
