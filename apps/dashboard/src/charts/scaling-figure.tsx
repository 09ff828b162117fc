import * as Plot from '@observablehq/plot';
import { useEffect } from 'react';
import type { ScalingData } from './scaling-data.js';
import { ruleText, scalingMarks } from './scaling-marks.js';
import { yDomain } from './y-domain.js';
import { lineColours, useColours } from './use-colours.js';
import { useWidth } from './use-width.js';

const height = 330;
const margin = { top: 16, bottom: 52 };

/** Means with their intervals and every seed; baselines and references as rules with their names at the
 *  right. */
export function ScalingFigure({ data }: { data: ScalingData }) {
  const [frame, width] = useWidth<HTMLDivElement>();
  const colours = useColours();
  const palette = lineColours(colours.isDark);
  const colourOf = (line: string) => palette[data.lines.indexOf(line) % palette.length]!;
  useEffect(() => {
    if (!width) return;
    const domain = yDomain(data);
    const labels = [
      ...data.rules,
      ...data.curves.map((c) => ({ label: c.label, at: c.points.at(-1)!.value })),
    ].map((r) => ruleText(r, ...domain));
    const plot = Plot.plot({
      width,
      height,
      marginTop: margin.top,
      marginRight: Math.min(width / 2.2, 14 + 6.8 * Math.max(0, ...labels.map((l) => l.length))),
      marginBottom: margin.bottom,
      marginLeft: Math.max(52, 14 + 7.2 * Math.round(domain[1]).toLocaleString('en').length),
      style: { background: 'none', color: colours.quiet, fontFamily: 'inherit', fontSize: '12px' },
      x: {
        ...xScale(data.xs),
        label: data.axis,
        labelAnchor: 'center',
        ...(data.xs.length > 8 ? {} : { ticks: data.xs }),
        tickFormat: (x: number) => String(x),
        labelArrow: 'none',
      },
      y: { domain, label: data.metric, nice: false, grid: true, ticks: 6, labelArrow: 'none' },
      color: { type: 'identity' },
      marks: scalingMarks(data, {
        colours,
        colourOf,
        plotHeight: height - margin.top - margin.bottom,
        domain,
      }),
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
      <p className="quiet caption">{captionOf(data)}</p>
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

function captionOf({ points, rules, curves, seedsEach, xs }: ScalingData): string {
  const intervals = points.some((p) => p.low !== null);
  const log = xScale(xs).type === 'linear' ? '' : 'The x axis is logarithmic. ';
  const own =
    rules.some((r) => r.line !== null) || curves.length
      ? ' Dashed in a line’s colour: what it would score untrained.'
      : '';
  const n = `n = ${seedsEach.join(' or ')}`;
  if (!intervals) return `${log}Means over seeds, ${n}; no interval.${own}`;
  return `${log}Means and their 95 % intervals over seeds, ${n}; an interval that leaves the frame is cut there.${own}`;
}
