import type { ExperimentView } from '#contracts/experiment.js';
import { isFinal, stateOrder, states } from './states.js';

/** Trials by state, as widths and in words. */
export function ProgressBar({ state: whole, trials }: Pick<ExperimentView, 'state' | 'trials'>) {
  const total = stateOrder.reduce((sum, state) => sum + trials[state], 0);
  const done = stateOrder.reduce((sum, state) => sum + (isFinal(state) ? trials[state] : 0), 0);
  const present = stateOrder.filter((state) => trials[state] > 0);
  return (
    <div className="progress">
      <div
        className="bar"
        role="progressbar"
        aria-valuemin={0}
        aria-valuemax={total}
        aria-valuenow={done}
        aria-label="trials done"
      >
        {present.map((state) => (
          <span key={state} className={`part ${state}`} style={{ flexGrow: trials[state] }} />
        ))}
      </div>
      <ul className="counts">
        {present.map((state) => (
          <li key={state}>
            <span className={`swatch ${state}`} />
            {trials[state]} {states[state].label}
            {state === 'ready' && whole === 'paused' && ' (paused)'}
          </li>
        ))}
      </ul>
    </div>
  );
}
