import { styleText } from 'node:util';
import { measuredText } from '#analysis/number-text.js';
import { visibleLine } from '#analysis/visible-text.js';
import type { ExperimentView } from '#contracts/experiment.js';
import type { TrialState } from '#contracts/trial.js';
import { duration } from './durations.js';
import type { WatchedTrial } from './watch-state.js';

const mostBars = 16;
const barWidth = 12;

export interface Look {
  width: number; // columns of the terminal
  colour: boolean;
}

/** What a terminal of this width shows: a bar and counts for the experiment, a bar for every running trial.
 *  No line is wider, and nothing is cut that tells trials apart: what the shown labels share at one end gives
 *  way first, and a label that still has no room beside its bar stands above it. */
export function watchLines(
  experiment: ExperimentView,
  trials: Iterable<WatchedTrial>,
  { width, colour }: Look,
): string[] {
  const running = [...trials].filter((t) => t.state === 'running');
  const shown = running.slice(0, mostBars);
  const figures = shown.map(figuresOf);
  const room = width - 2 - 1 - barWidth - 1 - Math.max(0, ...figures.map((f) => f.length));
  const labels = shortened(shown.map((t) => visibleLine(t.label)), Math.max(20, room)); // prettier-ignore
  const column = Math.max(0, ...labels.map((l) => l.length));
  const bars = shown.flatMap((t, i) => {
    const drawn = `${bar(t.steps ? t.step / t.steps : 0, barWidth, colour)} ${figures[i]}`;
    if (column <= room) return [`  ${labels[i]!.padEnd(column)} ${drawn}`];
    return [...wrapped(labels[i]!.split(' '), ' ', width - 2).map((line) => `  ${line}`), `    ${drawn}`];
  });
  const more =
    running.length > shown.length ? [`  and ${running.length - shown.length} more are running`] : [];
  return [...headLines(experiment, { width, colour }), ...bars, ...more];
}

/** "demo ██████░░░░ 24 of 42 succeeded · 1 running · 16 ready · about 3 min", on as many lines as it needs.
 */
export function headLines(experiment: ExperimentView, { width, colour }: Look): string[] {
  const counts = countsOf(experiment);
  const { total, done } = totalOf(experiment);
  const name = visibleLine(experiment.name);
  const begin = `${name}  ${'█'.repeat(20)} `;
  const drawn = `${name}  ${bar(total ? done / total : 0, 20, colour)} `;
  const whole = counts.map((c) => c.text).join(' · ');
  if (begin.length + whole.length <= width) return [drawn + coloured(counts, colour).join(' · ')];
  const nameLines =
    begin.length <= width
      ? [drawn]
      : [...wrapped([...name], '', width), `  ${bar(total ? done / total : 0, 20, colour)}`];
  const lines = wrappedIndices(counts.map((c) => c.text), ' · ', width - 2); // prettier-ignore
  const texts = coloured(counts, colour);
  return [
    ...nameLines.map((l) => l.trimEnd()),
    ...lines.map((line) => `  ${line.map((i) => texts[i]).join(' · ')}`),
  ];
}

/** The same on one line, for a pipe. */
export const headline = (experiment: ExperimentView): string =>
  headLines(experiment, { width: Infinity, colour: false })[0]!;

/** One line for a pipe where a trial has ended. */
export function endedLine(trial: WatchedTrial): string {
  const detail = trial.state === 'succeeded' ? scoreText(trial) : trial.why;
  return visibleLine(`${trial.state.padEnd(9)}  ${trial.label}${detail && `  ${detail}`}`);
}

/** Labels that fit, or as short as they can be and still told apart: of what all share at the beginning or at
 *  the end, whichever is longer, whole words give way to "…". */
export function shortened(labels: readonly string[], room: number): string[] {
  if (labels.every((l) => l.length <= room) || new Set(labels).size < 2) return [...labels];
  const words = labels.map((l) => l.split(' '));
  const head = shared(words);
  const tail = shared(words.map((w) => w.slice(head).toReversed()));
  const lengthOf = (part: readonly string[]) => part.join(' ').length;
  const headFirst = lengthOf(words[0]!.slice(0, head)) >= lengthOf(tail ? words[0]!.slice(-tail) : []);
  const cutHead = words.map((w) => ['…', ...w.slice(head)].join(' '));
  const cutTail = words.map((w) => [...w.slice(0, w.length - tail), '…'].join(' '));
  const once = headFirst ? cutHead : cutTail;
  if (once.every((l) => l.length <= room)) return once;
  return words.map((w) => ['…', ...w.slice(head, w.length - tail), ...(tail ? ['…'] : [])].join(' '));
}

/** How many first words all have alike; one word at least is left of each. */
function shared(lines: readonly string[][]): number {
  const least = Math.min(...lines.map((l) => l.length)) - 1;
  let n = 0;
  while (n < least && lines.every((l) => l[n] === lines[0]![n])) n++;
  return n;
}

function figuresOf(t: WatchedTrial): string {
  const figures = [`${t.step}/${t.steps}`, t.loss === null ? '' : `loss ${t.loss.toFixed(3)}`, scoreText(t)];
  return figures.filter(Boolean).join('  ');
}

/** "validation accuracy 83.3 %"; of test examples "accuracy 86.1 %", as tables name it. */
function scoreText({ score }: WatchedTrial): string {
  if (!score) return '';
  const of = score.split === 'validation' ? 'validation ' : '';
  return `${of}${score.metric} ${measuredText(score.value, score.metric)}`;
}

interface Count {
  text: string;
  colour?: Parameters<typeof styleText>[0];
}

function countsOf(experiment: ExperimentView): Count[] {
  const { total, done } = totalOf(experiment);
  const held = experiment.state === 'paused' ? ' (paused)' : '';
  const count = (state: TrialState, colour?: Count['colour']): Count[] => {
    const n = experiment.trials[state] ?? 0;
    return n ? [{ text: `${n} ${state}${state === 'ready' ? held : ''}`, ...(colour && { colour }) }] : [];
  };
  const { etaSeconds, state } = experiment;
  return [
    { text: `${done} of ${total} succeeded`, ...(done && { colour: 'green' as const }) },
    ...count('running', 'cyan'),
    ...count('dispatched'),
    ...count('ready'),
    ...count('blocked'),
    ...count('failed', 'red'),
    ...count('cancelled', 'yellow'),
    ...count('pruned', 'yellow'),
    ...(state === 'active' ? [] : [{ text: state }]),
    ...(etaSeconds && state === 'active' ? [{ text: `about ${duration(etaSeconds)}` }] : []),
  ];
}

const coloured = (counts: readonly Count[], colour: boolean): string[] =>
  counts.map((c) => (colour && c.colour ? painted(c.colour, c.text) : c.text));

/** By whether a terminal takes colours, which is known here better than from this process's stdout. */
const painted = (colour: NonNullable<Count['colour']>, text: string): string =>
  styleText(colour, text, { validateStream: false });

function totalOf({ trials }: ExperimentView): { total: number; done: number } {
  return { total: Object.values(trials).reduce((a, b) => a + b, 0), done: trials.succeeded ?? 0 };
}

function wrapped(parts: readonly string[], between: string, width: number): string[] {
  const lines = wrappedIndices(parts.flatMap((p) => pieces(p, width)), between, width); // prettier-ignore
  const all = parts.flatMap((p) => pieces(p, width));
  return lines.map((line) => line.map((i) => all[i]).join(between));
}

const pieces = (text: string, width: number): string[] =>
  text.match(new RegExp(`.{1,${Math.max(1, width)}}`, 'gsu')) ?? [''];

/** Which parts stand on which line. */
function wrappedIndices(parts: readonly string[], between: string, width: number): number[][] {
  const lines: number[][] = [];
  let used = Infinity;
  for (const [i, part] of parts.entries()) {
    if (used + between.length + part.length > width) {
      lines.push([]);
      used = -between.length;
    }
    lines.at(-1)!.push(i);
    used += between.length + part.length;
  }
  return lines;
}

function bar(share: number, width: number, colour: boolean): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * width);
  const [done, rest] = ['█'.repeat(full), '░'.repeat(width - full)];
  return colour && full ? painted('green', done) + rest : done + rest;
}
