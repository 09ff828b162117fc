import * as Plot from '@observablehq/plot';
import { useEffect } from 'react';
import type { ScalingData } from './scaling-data.js';
import { scalingMarks } from './scaling-marks.js';
import { lineColours, useColours } from './use-colours.js';
import { useWidth } from './use-width.js';

const height = 330;
const margin = { top: 16, bottom: 44, left: 52 };

/** Means with their intervals and every seed; baselines and references as rules with their names at the right. */
export function ScalingFigure({ data }: { data: ScalingData }) {
  const [frame, width] = useWidth<HTMLDivElement>();
  const colours = useColours();
  const palette = lineColours(colours.isDark);
  const colourOf = (line: string) => palette[data.lines.indexOf(line) % palette.length]!;
  useEffect(() => {
    if (!width) return;
    const plot = Plot.plot({
      width,
      height,
      marginTop: margin.top,
      marginRight: Math.max(16, 6.8 * Math.max(0, ...data.rules.map((r) => r.label.length + 7))),
      marginBottom: margin.bottom,
      marginLeft: margin.left,
      style: { background: 'none', color: colours.quiet, fontFamily: 'inherit', fontSize: '12px' },
      x: {
        ...xScale(data.xs),
        label: data.axis,
        labelAnchor: 'center',
        ...(data.xs.length > 8 ? {} : { ticks: data.xs }),
        tickFormat: (x: number) => String(x),
        labelArrow: 'none',
      },
      y: { domain: yDomain(data), label: data.metric, nice: false, grid: true, ticks: 6, labelArrow: 'none' },
      color: { type: 'identity' },
      marks: scalingMarks(data, { colours, colourOf, plotHeight: height - margin.top - margin.bottom, domain: yDomain(data) }),
    });
    frame.current!.replaceChildren(plot);
  }, [data, width, colours.isDark]);
  return (
    <>
      {data.lines.length > 1 && (
        <ul className="legend lines">
          {data.lines.map((line) => (
            <li key={line}>
              <span className="line-swatch" style={{ background: colourOf(line) }} />
              {line}
            </li>
          ))}
        </ul>
      )}
      <div className="plot" ref={frame} style={{ minHeight: height }} />
    </>
  );
}

/** Logarithmic over a wide range; symmetrically so where it begins at 0. */
function xScale(xs: readonly number[]): Plot.ScaleOptions {
  const positive = xs.filter((x) => x > 0);
  const [least, most] = [Math.min(...positive), Math.max(...positive)];
  const inset = { insetLeft: 16, insetRight: 16 };
  if (xs[0]! < 0 || most / least < 5) return { type: 'linear', ...inset };
  return xs[0] === 0 ? { type: 'symlog', constant: least, ...inset } : { type: 'log', ...inset };
}

/** Over everything that was trained. Of the references those that do not squeeze it: the others are named at the frame's edge. */
export function yDomain({ points, seeds, rules }: ScalingData): [number, number] {
  const trained = [
    ...points.flatMap((p) => [p.low ?? p.mean, p.high ?? p.mean]),
    ...seeds.map((s) => s.value),
    ...rules.flatMap((r) => (r.kind === 'baseline' ? [r.low, r.high] : [])),
  ];
  const ends: [number, number] = [Math.min(...trained), Math.max(...trained)];
  const span = ends[1] - ends[0] || Math.abs(ends[1]) || 1;
  for (const { low, high } of rules) {
    if (low < ends[0] - span / 2 || high > ends[1] + span / 2) continue;
    ends[0] = Math.min(ends[0], low);
    ends[1] = Math.max(ends[1], high);
  }
  const margin = (ends[1] - ends[0] || span) * 0.06;
  return [ends[0] - margin, ends[1] + margin];
}
