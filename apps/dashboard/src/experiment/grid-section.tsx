import { useDeferredValue, useMemo, useState } from 'react';
import type { CellView } from '#contracts/experiment.js';
import { axesOf, defaultLayout, type Layout } from '#analysis/layout.js';
import { defaultMetric, metricsOf } from '#analysis/metrics.js';
import { pivot } from '#analysis/pivot.js';
import { LengthCurve } from '../charts/length-curve.js';
import { StateGrid } from '../grid/state-grid.js';
import type { Colouring } from '../grid/cell-look.js';
import { ResultsTable } from '../table/results-table.js';
import { GridControls } from './grid-controls.js';

interface Props {
  name: string;
  cells: readonly CellView[];
  results: number; // grows when results change
  isActive: boolean;
  selected: string | null; // trial
  onOpen: (trialId: string) => void;
}

/** One grid of an experiment: its cells, its figure, its table. */
export function GridSection({ name, cells, results, isActive, selected, onOpen }: Props) {
  const [chosenLayout, setLayout] = useState<Layout | null>(null);
  const [chosenMetric, setMetric] = useState<string | null>(null);
  const [chosenColouring, setColouring] = useState<Colouring | null>(null);
  const settled = useDeferredValue(results); // tables and figures may lag behind squares
  const axes = useMemo(() => axesOf(cells), [cells.length]);
  const layout = useMemo(() => chosenLayout ?? defaultLayout(axes), [chosenLayout, axes]);
  const metrics = useMemo(() => metricsOf(cells), [settled]);
  const metric = chosenMetric ?? defaultMetric(cells);
  const table = useMemo(() => pivot(cells, { ...layout, metric }), [settled, layout, metric]);
  const colouring = chosenColouring ?? (isActive ? 'state' : 'metric');
  const controls = {
    axes,
    layout,
    metrics,
    metric,
    colouring,
    onLayout: setLayout,
    onMetric: setMetric,
    onColouring: setColouring,
  };
  return (
    <section className="grid-section" aria-label={`grid ${name}`}>
      <h2>{name}</h2>
      <GridControls {...controls} />
      <div className="grid-and-figure">
        <StateGrid cells={cells} table={table} colouring={colouring} selected={selected} onOpen={onOpen} />
        <LengthCurve cells={cells} metric={metric} results={settled} />
      </div>
      <ResultsTable table={table} />
    </section>
  );
}
