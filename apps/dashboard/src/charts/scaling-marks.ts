import * as Plot from '@observablehq/plot';
import type { ScalingData, ScalingPoint, ScalingRule } from './scaling-data.js';
import { spread } from './spread.js';
import type { Colours } from './use-colours.js';

interface Look {
  colours: Colours;
  colourOf: (line: string) => string;
  plotHeight: number; // CSS pixels between the ends of the domain
  domain: [number, number];
}

/** What is drawn, from back to front. */
export function scalingMarks(data: ScalingData, look: Look): Plot.Markish[] {
  return [...ruleMarks(data.rules, look), ...seedMarks(data, look), ...pointMarks(data, look)];
}

/** Intervals stand a little beside each other, so that none hides another. */
function pointMarks({ points, lines }: ScalingData, { colourOf, colours }: Look): Plot.Markish[] {
  const whole = points.filter((p) => p.low !== null);
  const colour = (p: ScalingPoint) => colourOf(p.line);
  return [
    ...lines.map((line) => {
      const own = whole.filter((p) => p.line === line);
      return Plot.ruleX(own, { x: 'x', y1: 'low', y2: 'high', stroke: colourOf(line), strokeWidth: 1.5, dx: beside(line, lines), className: 'interval' }); // prettier-ignore
    }),
    ...lines.flatMap((line) => {
      const own = points.filter((p) => p.line === line);
      const dx = beside(line, lines);
      return [
        Plot.line(own, { x: 'x', y: 'mean', stroke: colourOf(line), strokeWidth: 2, dx, className: 'mean' }),
        Plot.dot(own, { x: 'x', y: 'mean', r: 4, fill: colourOf(line), stroke: colours.ground, strokeWidth: 1.5, dx, className: 'mean' }), // prettier-ignore
      ];
    }),
    Plot.tip(points, Plot.pointer({ x: 'x', y: 'mean', title: tipText, fill: colours.ground, stroke: colour, fontSize: 12 })),
  ];
}

/** CSS pixels; the middle line is where it belongs. */
function beside(line: string, lines: readonly string[]): number {
  return (lines.indexOf(line) - (lines.length - 1) / 2) * Math.min(5, 24 / lines.length);
}

function seedMarks({ seeds, lines }: ScalingData, { colourOf }: Look): Plot.Markish[] {
  return lines.map((line) => {
    const own = seeds.filter((s) => s.line === line);
    return Plot.dot(own, {
      x: 'x',
      y: 'value',
      r: 2,
      fill: colourOf(line),
      fillOpacity: 0.5,
      dx: beside(line, lines),
      className: 'seed',
    });
  });
}

/** Bands and rules across, and their names beside the frame, pushed apart; what is beyond the frame is named at its edge. */
function ruleMarks(rules: ScalingRule[], { colours, plotHeight, domain: [low, high] }: Look): Plot.Markish[] {
  const gap = (15 * (high - low)) / plotHeight;
  const inside = rules.filter((r) => r.at >= low && r.at <= high);
  const places = spread(rules.map((r) => Math.min(high, Math.max(low, r.at))), gap); // prettier-ignore
  const named = rules.map((rule, i) => ({ ...rule, place: places[i]!, text: ruleText(rule, low, high) }));
  const stroke = (r: ScalingRule) => (r.kind === 'baseline' ? colours.ink : colours.quiet);
  const of = (kind: ScalingRule['kind']) => inside.filter((r) => r.kind === kind);
  return [
    Plot.rect(inside.filter((r) => r.high > r.low), { y1: 'low', y2: 'high', fill: stroke, fillOpacity: 0.08 }), // prettier-ignore
    Plot.ruleY(of('baseline'), { y: 'at', stroke, strokeWidth: 1.25, className: 'baseline' }),
    Plot.ruleY(of('reference'), { y: 'at', stroke, strokeDasharray: '4 4', className: 'reference' }),
    Plot.text(named, { y: 'place', text: 'text', fill: stroke, frameAnchor: 'right', textAnchor: 'start', dx: 8 }),
  ];
}

function ruleText({ label, at }: ScalingRule, low: number, high: number): string {
  const arrow = at < low ? ' ↓' : at > high ? ' ↑' : '';
  return `${label} ${Number(at.toPrecision(3))}${arrow}`;
}

function tipText({ line, x, mean, low, high, n }: ScalingPoint): string {
  const width = low === null || high === null ? '' : ` ± ${((high - low) / 2).toPrecision(2)}`;
  return `${line}\nat ${x}: ${mean.toPrecision(4)}${width}, n ${n}`;
}
