import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { CellView } from '#contracts/experiment.js';
import { valueText } from '#analysis/axis-values.js';
import { metricText } from '#analysis/number-text.js';
import { readMetric } from '#analysis/metrics.js';
import { isUnlearned } from './cell-look.js';
import { session } from '../session.js';
import { StatePill } from '../state-pill.js';

interface Props {
  cell: CellView;
  metric: string;
  at: DOMRect; // of the square
}

/** What one cell is and why, beside its square. */
export function CellTip({ cell, metric, at }: Props) {
  const tip = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState({ left: 0, top: 0 });
  useLayoutEffect(() => {
    const { width, height } = tip.current!.getBoundingClientRect();
    const below = at.bottom + 8 + height < innerHeight;
    const left = Math.min(Math.max(8, at.left + at.width / 2 - width / 2), innerWidth - width - 8);
    setPlace({ left, top: below ? at.bottom + 8 : at.top - height - 8 });
  }, [at, cell]);
  const why = useWhy(cell);
  return (
    <div className="tip" role="tooltip" ref={tip} style={place}>
      <p>
        <StatePill state={cell.state} />
        {cell.reused && <span className="quiet"> reused</span>}
      </p>
      <p className="why">{why}</p>
      <dl>
        {facts(cell, metric).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

/** How many trials are ahead of one that is ready changes with every other trial: it is asked for when
 *  somebody looks. */
function useWhy({ trialId, state, why }: CellView): string {
  const [asked, setAsked] = useState<{ trialId: string; why: string } | null>(null);
  useEffect(() => {
    if (state !== 'ready') return;
    let isShown = true;
    const tell = (trial: { why: string }) => isShown && setAsked({ trialId, why: trial.why });
    session()
      .trial(trialId)
      .then(tell, () => {}); // without an answer the cell's own sentence stays
    return () => void (isShown = false);
  }, [trialId, state]);
  return state === 'ready' && asked?.trialId === trialId ? asked.why : why;
}

function facts(cell: CellView, metric: string): [string, string][] {
  const { point, state, step, steps, stepMs, summary } = cell;
  const value = summary && readMetric(summary, metric);
  return [
    ...Object.entries(point).map(([axis, v]): [string, string] => [axis, valueText(v)]),
    ...(value === null ? [] : ([[metric, metricText(value, metric)]] as [string, string][])),
    ...(isUnlearned(cell) ? ([['†', 'learned nothing']] as [string, string][]) : []),
    ...(summary
      ? ([['trainable', summary.trainableParameters.toLocaleString('en')]] as [string, string][])
      : []),
    ...(state === 'succeeded' ? [] : ([['step', `${step} of ${steps}`]] as [string, string][])),
    ...(stepMs === null ? [] : ([['a step', `${metricText(stepMs, 'ms')} ms`]] as [string, string][])),
  ];
}
