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
  return [...ruleMarks(data, look), ...seedMarks(data, look), ...pointMarks(data, look)];
}

/** Intervals stand a little beside each other, so that none hides another. */
function pointMarks({ points, lines }: ScalingData, { colourOf, colours }: Look): Plot.Markish[] {
  const whole = points.filter((p) => p.low !== null);
  const colour = (p: ScalingPoint) => colourOf(p.line);
  return [
    ...lines.map((line) => {
      const own = whole.filter((p) => p.line === line);
      return Plot.ruleX(own, {
        x: 'x',
        y1: 'low',
        y2: 'high',
        stroke: colourOf(line),
        strokeWidth: 1.5,
        dx: beside(line, lines),
        className: 'interval',
        clip: true,
      });
    }),
    ...lines.flatMap((line) => {
      const own = points.filter((p) => p.line === line);
      const dx = beside(line, lines);
      return [
        Plot.line(own, { x: 'x', y: 'mean', stroke: colourOf(line), strokeWidth: 2, dx, className: 'mean' }),
        Plot.dot(own, {
          x: 'x',
          y: 'mean',
          r: 4,
          fill: colourOf(line),
          stroke: colours.ground,
          strokeWidth: 1.5,
          dx,
          className: 'mean',
        }),
      ];
    }),
    Plot.tip(
      points,
      Plot.pointer({ x: 'x', y: 'mean', title: tipText, fill: colours.ground, stroke: colour, fontSize: 12 }),
    ),
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

/** Bands and rules across, and their names beside the frame, pushed apart; what is beyond the frame is named
 *  at its edge. What stands beside one line has its colour. */
function ruleMarks(
  { rules, curves }: ScalingData,
  { colours, colourOf, plotHeight, domain: [low, high] }: Look,
): Plot.Markish[] {
  const gap = (15 * (high - low)) / plotHeight;
  const ends = curves.map((c): ScalingRule => {
    const at = c.points.at(-1)!.value;
    return { label: c.label, kind: 'reference', line: c.line, at, low: at, high: at };
  });
  const all = [...rules, ...ends];
  const inside = rules.filter((r) => r.at >= low && r.at <= high);
  const within = (value: number) => Math.min(high, Math.max(low, value));
  const places = spread(all.map((r) => within(r.at)), gap); // prettier-ignore
  const named = all.map((rule, i) => ({ ...rule, place: places[i]!, text: ruleText(rule, low, high) }));
  const stroke = (r: ScalingRule) =>
    r.line !== null ? colourOf(r.line) : r.kind === 'baseline' ? colours.ink : colours.quiet;
  const of = (kind: ScalingRule['kind']) => inside.filter((r) => r.kind === kind);
  const bands = rules.flatMap((r) =>
    r.high > r.low && (r.low > low || r.high < high) && r.low < high && r.high > low
      ? [{ ...r, low: within(r.low), high: within(r.high) }]
      : [],
  );
  return [
    Plot.rect(bands, { y1: 'low', y2: 'high', fill: stroke, fillOpacity: 0.08 }),
    Plot.ruleY(of('baseline'), { y: 'at', stroke, strokeWidth: 1.25, className: 'baseline' }),
    Plot.ruleY(of('reference'), { y: 'at', stroke, strokeDasharray: '4 4', className: 'reference' }),
    ...curves.map((c) =>
      Plot.line(c.points, {
        x: 'x',
        y: 'value',
        stroke: colourOf(c.line),
        strokeDasharray: '4 4',
        className: 'reference',
        clip: true,
      }),
    ),
    Plot.text(named, {
      y: 'place',
      text: 'text',
      fill: stroke,
      frameAnchor: 'right',
      textAnchor: 'start',
      dx: 8,
    }),
  ];
}

export function ruleText(
  { label, at }: Pick<ScalingRule, 'label' | 'at'>,
  low: number,
  high: number,
): string {
  const arrow = at < low ? ' ↓' : at > high ? ' ↑' : '';
  return `${shortLabel(label)} ${numberText(at)}${arrow}`;
}

/** The middle of a long name gives way: the frame is worth more. */
function shortLabel(label: string): string {
  return label.length > 26 ? `${label.slice(0, 16)}…${label.slice(-9)}` : label;
}

const numberText = (value: number): string =>
  Number(value.toPrecision(value >= 1e4 ? 4 : 3)).toLocaleString('en');

function tipText({ line, x, mean, low, high, n }: ScalingPoint): string {
  const ends =
    low === null || high === null ? '' : `, 95 % interval ${low.toPrecision(3)} to ${high.toPrecision(3)}`;
  return `${line}\nat ${x}: ${mean.toPrecision(4)}${ends}, n ${n}`;
}
