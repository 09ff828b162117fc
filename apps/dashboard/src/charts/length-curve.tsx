import { lazy, Suspense, useMemo, useState } from 'react';
import type { CellView } from '#contracts/experiment.js';
import { numericAxes } from '#analysis/scaling.js';
import { scalingData } from './scaling-data.js';
import { sliceOf, slicedAxes } from './slice.js';
import { SliceControls } from './slice-controls.js';

// The library that draws it is half of all code of the page.
const ScalingFigure = lazy(async () => ({ default: (await import('./scaling-figure.js')).ScalingFigure }));

interface Props {
  cells: readonly CellView[];
  metric: string;
  results: number; // grows when results change
}

/** The metric against a numeric axis, prompt length first. Nothing where no axis is numeric. */
export function LengthCurve({ cells, metric, results }: Props) {
  const [chosen, setChosen] = useState<string | null>(null);
  const [fixed, setFixed] = useState<Record<string, string>>({});
  const numeric = useMemo(() => numericAxes(cells), [cells.length]);
  const axis = chosen ?? numeric.find((a) => a.endsWith('.length')) ?? numeric[0];
  const sliced = useMemo(() => (axis ? slicedAxes(cells, axis) : new Map()), [cells.length, axis]);
  const data = useMemo(
    () => (axis ? scalingData(sliceOf(cells, sliced, fixed), axis, metric) : null),
    [results, axis, metric, sliced, fixed],
  );
  if (!data || !axis) return null;
  return (
    <figure className="scaling">
      <figcaption>
        <h3>
          {metric} by{' '}
          {numeric.length === 1 ? (
            axis
          ) : (
            <select aria-label="axis" value={axis} onChange={(e) => setChosen(e.target.value)}>
              {numeric.map((a) => (
                <option key={a}>{a}</option>
              ))}
            </select>
          )}
        </h3>
        <SliceControls sliced={sliced} fixed={fixed} onFix={setFixed} />
      </figcaption>
      {data.points.length === 0 ? (
        <p className="quiet">no point is measured yet</p>
      ) : (
        <Suspense fallback={<p className="quiet">…</p>}>
          <ScalingFigure data={data} />
        </Suspense>
      )}
    </figure>
  );
}
