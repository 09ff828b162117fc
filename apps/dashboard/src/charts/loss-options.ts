import type uPlot from 'uplot';
import { isShare } from '#analysis/metrics.js';
import type { Colours } from './use-colours.js';

/** Of "split name": losses, and shares on validation. Small charts show the training loss, or what else there
 *  is. */
export function shownSeries(names: readonly string[], compact: boolean): string[] {
  const losses = names.filter((n) => n.endsWith(' loss'));
  const shares = names.filter((n) => n.startsWith('validation ') && isShare(n));
  const all = [...losses.toSorted(), ...shares];
  return compact ? all.slice(0, 1) : all;
}

interface Look {
  names: readonly string[];
  width: number;
  height: number;
  colours: Colours;
  compact: boolean;
}

export function lossOptions({ names, width, height, colours, compact }: Look): uPlot.Options {
  const strokes = [colours.accent, colours.second, colours.failed];
  const grid = { stroke: colours.line, width: 1 };
  const axis = {
    stroke: colours.quiet,
    grid,
    ticks: grid,
    font: '11px system-ui, sans-serif',
    size: compact ? 34 : 42,
  };
  const hasShares = names.some(isShare);
  return {
    width,
    height: compact ? height : height - 30, // the legend's
    legend: { show: !compact },
    cursor: { drag: { x: !compact, y: false }, points: { size: 6 } },
    scales: { x: { time: false }, y: {}, share: { range: [0, 1] } },
    axes: [
      { ...axis, size: compact ? 22 : 30, space: 60 },
      { ...axis, space: 28 },
      ...(hasShares
        ? [
            {
              ...axis,
              scale: 'share',
              side: 1,
              size: 52,
              grid: { show: false },
              values: percent,
            } satisfies uPlot.Axis,
          ]
        : []),
    ],
    series: [
      { label: 'step' },
      ...names.map((name, i) => seriesOf(name, strokes[i % strokes.length]!, compact)),
    ],
  };
}

function seriesOf(name: string, stroke: string, compact: boolean): uPlot.Series {
  const share = isShare(name);
  return {
    label: name,
    stroke,
    width: compact ? 1.25 : 1.5,
    scale: share ? 'share' : 'y',
    spanGaps: true,
    points: { show: !name.startsWith('train'), size: 5, fill: stroke },
    value: (_plot, v) => (v === null ? '' : share ? `${(100 * v).toFixed(1)} %` : v.toPrecision(4)),
  };
}

function percent(_plot: uPlot, splits: number[]): string[] {
  return splits.map((v) => `${Math.round(100 * v)} %`);
}
