import type { ExperimentView } from '#contracts/experiment.js';
import { duration } from './durations.js';
import type { WatchedTrial } from './watch-state.js';

const mostBars = 16;

/** What a terminal of this width shows: a bar and counts for the experiment, a bar for every running trial. */
export function watchLines(experiment: ExperimentView, trials: Iterable<WatchedTrial>, width: number): string[] {
  const running = [...trials].filter((t) => t.state === 'running');
  const shown = running.slice(0, mostBars);
  const left = Math.min(Math.max(0, ...shown.map((t) => t.label.length)), Math.max(20, width - 50));
  const bars = shown.map((t) => {
    const figures = [`${t.step}/${t.steps}`, t.loss === null ? '' : `loss ${t.loss.toFixed(3)}`, scoreText(t)]; // prettier-ignore
    return `  ${cut(t.label, left).padEnd(left)} ${bar(t.step / t.steps, 12)} ${figures.filter(Boolean).join('  ')}`;
  });
  const more = running.length > shown.length ? [`  and ${running.length - shown.length} more are running`] : [];
  return [headline(experiment), ...bars, ...more].map((line) => cut(line, width));
}

/** "demo  ██████░░░░ 24 of 42 done · 1 running · 1 next · 16 waiting · about 3 min". */
export function headline(experiment: ExperimentView): string {
  const total = sum(experiment, ...(Object.keys(experiment.trials) as (keyof ExperimentView['trials'])[]));
  const done = sum(experiment, 'succeeded');
  const counts = [
    `${done} of ${total} done`,
    counted(sum(experiment, 'running'), 'running'),
    counted(sum(experiment, 'dispatched'), 'next'), // dispatched, and no worker has begun it
    counted(sum(experiment, 'ready', 'blocked'), 'waiting'),
    counted(sum(experiment, 'failed'), 'failed'),
    counted(sum(experiment, 'cancelled'), 'cancelled'),
    counted(sum(experiment, 'pruned'), 'pruned'),
    experiment.state === 'active' ? '' : experiment.state,
    experiment.etaSeconds && experiment.state === 'active' ? `about ${duration(experiment.etaSeconds)}` : '',
  ];
  return `${experiment.name}  ${bar(total ? done / total : 0, 20)} ${counts.filter(Boolean).join(' · ')}`;
}

/** One line for a pipe where a trial has ended. */
export function endedLine(trial: WatchedTrial): string {
  const detail = trial.state === 'succeeded' ? scoreText(trial) : trial.why;
  return `${trial.state.padEnd(9)}  ${trial.label}${detail && `  ${detail}`}`;
}

function scoreText({ accuracy, f1 }: WatchedTrial): string {
  if (accuracy !== null) return `accuracy ${accuracy.toFixed(3)}`;
  return f1 === undefined ? '' : `f1 ${f1.toFixed(3)}`;
}

function sum({ trials }: ExperimentView, ...states: (keyof ExperimentView['trials'])[]): number {
  return states.reduce((n, state) => n + (trials[state] ?? 0), 0);
}

const counted = (n: number, what: string) => (n ? `${n} ${what}` : '');
const cut = (text: string, width: number) => (text.length > width ? `${text.slice(0, Math.max(0, width - 1))}…` : text);

function bar(share: number, width: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * width);
  return '█'.repeat(full) + '░'.repeat(width - full);
}
