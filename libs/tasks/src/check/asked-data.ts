import { trainsHead } from '#contracts/method.js';
import { type SingleTask, singleTasks, type Task } from '#contracts/task.js';
import type { SplitSizes } from '#contracts/trainer-messages.js';
import { askedTask, type EvaluateConfig, type TrialConfig } from '#contracts/trial.js';

/** What is known of a task's data. */
export interface KnownData {
  labels: readonly string[];
  sizes: SplitSizes;
}

interface Issue<Cell> {
  cell: Cell;
  knob: string;
  message: string;
}

/** What of their data does not fit cells that are asked without training: labels that a head was not trained
 *  for, and more examples in context than there are. Each once a grid, of data that `known` gives. */
export function* askedDataIssues<C extends { grid: string; config: TrialConfig }>(
  cells: readonly C[],
  known: (task: SingleTask) => KnownData | undefined,
): Generator<void, Issue<C>[]> {
  const issues = new Map<string, Issue<C>>();
  for (const cell of cells) {
    yield;
    if (cell.config.stage !== 'evaluate') continue;
    const of = (task: Task) => onlyOne(task, known);
    const found = labelIssue(cell.config, of) ?? shotIssue(cell.config, of);
    if (found) issues.set(JSON.stringify([cell.grid, found]), { cell, ...found });
  }
  return [...issues.values()];
}

type Of = (task: Task) => KnownData | undefined;

/** Of a mixture the trial says it. */
function onlyOne(task: Task, known: (task: SingleTask) => KnownData | undefined): KnownData | undefined {
  const [only, ...more] = singleTasks(task);
  return more.length > 0 ? undefined : known(only!.task);
}

/** Where it depends on the model whether a head answers, the trial says it. */
function labelIssue(config: EvaluateConfig, of: Of): Omit<Issue<never>, 'cell'> | null {
  const { task, method } = config;
  if (!trainsHead(method) && task.answer.by !== 'head' && task.name !== 'tagging') return null;
  const [own, asked] = [of(task), of(askedTask(config))];
  const message = own && asked ? otherLabels(own.labels, asked.labels) : null;
  return message === null ? null : { knob: 'evaluate.task', message };
}

/** Why a head for these labels can't answer those that are asked; null where they are the same. */
export function otherLabels(own: readonly string[], asked: readonly string[]): string | null {
  if (JSON.stringify(own) === JSON.stringify(asked)) return null;
  return `has the labels ${some(asked)}, and the trial's head was trained for ${some(own)}`;
}

const some = (labels: readonly string[]): string =>
  labels.slice(0, 8).join(', ') + (labels.length > 8 ? ', …' : '');

function shotIssue({ task, method }: EvaluateConfig, of: Of): Omit<Issue<never>, 'cell'> | null {
  if (method.name !== 'none') return null;
  const { train } = of(task)?.sizes ?? { train: Infinity };
  if (method.shots <= train) return null;
  const message = `asks for ${method.shots} examples, and the training split has ${train}`;
  return { knob: 'method.shots', message };
}
