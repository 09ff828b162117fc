import type { CellView } from '#contracts/experiment.js';
import { marks, metricText } from '#analysis/number-text.js';
import { stateOrder, states } from '../states.js';
import { isUnlearned, type Scale } from './cell-look.js';

/** What the colours mean: the scale, and every state that is there and not on it. */
export function Legend({ cells, scale }: { cells: readonly CellView[]; scale: Scale | null }) {
  const counts = new Map<string, number>();
  for (const { state } of cells) counts.set(state, (counts.get(state) ?? 0) + 1);
  const unlearned = cells.filter(isUnlearned).length;
  const shown = stateOrder.filter((state) => counts.has(state) && !(scale && state === 'succeeded'));
  return (
    <ul className="legend">
      {scale && (
        <li className="scale">
          {scale.metric} <span className="number">{metricText(scale.low, scale.metric)}</span>
          <span className="ramp" />
          <span className="number">{metricText(scale.high, scale.metric)}</span>
        </li>
      )}
      {shown.map((state) => (
        <li key={state}>
          <span className={`cell swatch ${state}`}>{states[state].mark}</span>
          {states[state].label} <span className="number quiet">{counts.get(state)}</span>
        </li>
      ))}
      {unlearned > 0 && (
        <li>
          <span className="cell swatch succeeded">{marks.unlearned}</span>
          learned nothing <span className="number quiet">{unlearned}</span>
        </li>
      )}
    </ul>
  );
}
