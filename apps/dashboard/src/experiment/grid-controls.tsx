import type { Layout } from '#analysis/layout.js';
import type { Colouring } from '../grid/cell-look.js';
import { AxisPlacement } from './axis-placement.js';

interface Props {
  axes: ReadonlyMap<string, number>;
  layout: Layout;
  metrics: string[];
  metric: string;
  colouring: Colouring;
  onLayout: (layout: Layout) => void;
  onMetric: (metric: string) => void;
  onColouring: (colouring: Colouring) => void;
}

/** What is shown how: the metric, what colours mean, and which axes go where. */
export function GridControls({
  axes,
  layout,
  metrics,
  metric,
  colouring,
  onLayout,
  onMetric,
  onColouring,
}: Props) {
  const known = metrics.includes(metric) ? metrics : [metric, ...metrics];
  return (
    <div className="controls">
      <label>
        metric
        <select value={metric} onChange={(e) => onMetric(e.target.value)}>
          {known.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <label>
        colour
        <select value={colouring} onChange={(e) => onColouring(e.target.value as Colouring)}>
          <option value="state">state</option>
          <option value="metric">{metric}</option>
        </select>
      </label>
      <AxisPlacement axes={axes} layout={layout} onLayout={onLayout} />
    </div>
  );
}
