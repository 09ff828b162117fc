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
  return [...ruleMarks(data.rules, look), ...seedMarks(data, look), ...pointMarks(data.points, look)];
}

function pointMarks(points: ScalingPoint[], { colourOf, colours }: Look): Plot.Markish[] {
  const colour = (p: ScalingPoint) => colourOf(p.line);
  const whole = points.filter((p) => p.low !== null);
  return [
    Plot.ruleX(whole, { x: 'x', y1: 'low', y2: 'high', stroke: colour, strokeWidth: 1.5, ariaLabel: 'interval' }),
    Plot.line(points, { x: 'x', y: 'mean', z: 'line', stroke: colour, strokeWidth: 2, ariaLabel: 'mean' }),
    Plot.dot(points, { x: 'x', y: 'mean', r: 4, fill: colour, stroke: colours.ground, strokeWidth: 1.5, ariaLabel: 'mean' }),
    Plot.tip(
      points,
      Plot.pointer({ x: 'x', y: 'mean', title: tipText, fill: colours.ground, stroke: colours.line, fontSize: 12 }),
    ),
  ];
}

function seedMarks({ seeds }: ScalingData, { colourOf }: Look): Plot.Markish[] {
  return [
    Plot.dot(seeds, {
      x: 'x',
      y: 'value',
      r: 2,
      fill: (s: (typeof seeds)[number]) => colourOf(s.line),
      fillOpacity: 0.45,
      ariaLabel: 'seed',
    }),
  ];
}

/** Bands and rules across, and their names beside the frame, pushed apart. */
function ruleMarks(rules: ScalingRule[], { colours, plotHeight, domain: [low, high] }: Look): Plot.Markish[] {
  const perPixel = (high - low) / plotHeight;
  const places = spread(rules.map((r) => r.at), 15 * perPixel); // prettier-ignore
  const named = rules.map((rule, i) => ({ ...rule, place: places[i]! }));
  const stroke = (r: ScalingRule) => (r.kind === 'baseline' ? colours.ink : colours.quiet);
  return [
    Plot.rect(rules.filter((r) => r.high > r.low), { y1: 'low', y2: 'high', fill: stroke, fillOpacity: 0.08 }), // prettier-ignore
    Plot.ruleY(rules.filter((r) => r.kind === 'baseline'), { y: 'at', stroke, strokeWidth: 1.25, ariaLabel: 'baseline' }), // prettier-ignore
    Plot.ruleY(rules.filter((r) => r.kind === 'reference'), { y: 'at', stroke, strokeDasharray: '4 4', ariaLabel: 'reference' }), // prettier-ignore
    Plot.text(named, {
      y: 'place',
      text: (r: ScalingRule) => `${r.label} ${r.at.toPrecision(3)}`,
      fill: stroke,
      frameAnchor: 'right',
      textAnchor: 'start',
      dx: 8,
    }),
  ];
}

function tipText({ line, x, mean, low, high, n }: ScalingPoint): string {
  const width = low === null || high === null ? '' : ` ± ${((high - low) / 2).toPrecision(2)}`;
  return `${line}\nat ${x}: ${mean.toPrecision(4)}${width}, n ${n}`;
}
