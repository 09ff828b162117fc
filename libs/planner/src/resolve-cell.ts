import type { z } from 'zod';
import { Grid } from '#contracts/grid.js';
import type { Pretrain } from '#contracts/backbone.js';
import type { SolvedSize } from '#contracts/budget.js';
import { unselectable } from '#contracts/selection.js';
import { kindOf, singleTasks } from '#contracts/task.js';
import { adapterOf, evaluatedBy, sourceOf, type TrialConfig, type TuneConfig } from '#contracts/trial.js';
import { solved } from './budget/solve.js';
import type { GridIssue } from './grid-error.js';
import { issueWords } from './issue-words.js';
import { askedIssues } from './asked-issues.js';
import { impossible } from './known-backbones.js';
import { isPrompt, isStage, keysAt, kindsAt, namesAt, type Stage, stageOf, stages } from './knob-schemas.js';
import { getKnob, getPath, isObject, type Raw, withKnob } from './knobs.js';
import { pathText } from './check-experiment.js';
import { closest } from './spelling.js';

/** A cell's trial, and how a budget sized its method. */
export interface Resolved {
  config: TrialConfig;
  size?: SolvedSize;
}

/** A cell's config with every default filled in, or what is wrong with it by knob. Knobs outside `stage`'s
 *  schema are refused. */
export function resolveCell(raw: Raw): Resolved | { issues: GridIssue[] } {
  const stage = stageOf(raw);
  if (!isStage(stage)) {
    return {
      issues: [
        {
          path: 'stage',
          message: `${JSON.stringify(stage)}; expected one of ${Object.keys(stages).join(', ')}`,
        },
      ],
    };
  }
  const schema = stages[stage];
  const implied = withImplied(stage, { ...raw, stage });
  const result = schema.safeParse(implied, { error: issueWords });
  if (!result.success)
    return { issues: onceFrom(result.error.issues.flatMap((issue) => described(issue, implied, schema))) };
  const resolved = withinBudget(result.data, raw);
  if ('issues' in resolved) return resolved;
  const config = withoutIdleAdaptation(resolved.config);
  const issues = crossChecks(config);
  return issues.length ? { issues } : { ...resolved, config };
}

/** A cell as a trial: the method's size in place of a budget. */
function withinBudget(cell: z.infer<(typeof stages)[Stage]>, raw: Raw): Resolved | { issues: GridIssue[] } {
  if (cell.stage !== 'tune' && cell.stage !== 'evaluate') return { config: cell };
  const { budget, ...config } = cell;
  return budget === undefined ? { config } : solved(config, budget, raw);
}

/** Checkpoints default to the last step, what `from` leaves open to the cell's own, and what is asked beside
 *  is answered as the trial's task is. `evaluate: null` asks nothing. */
export function withImplied(stage: string, raw: Raw): Raw {
  if (stage === 'tune') return withSource(raw['evaluate'] === null ? without(raw, 'evaluate') : raw);
  if (stage === 'evaluate') return withSource(isPrompt(raw) ? asPrompt(raw) : withAsked(raw));
  if (raw['checkpoints'] !== undefined) return raw;
  const steps = getKnob(raw, `${stage}.steps`);
  return typeof steps === 'number' ? { ...raw, checkpoints: [steps] } : raw;
}

/** The knobs of training that `from` names replace the cell's; null is no source. */
function withSource({ from, ...raw }: Raw): Raw {
  if (from === undefined || from === null) return raw;
  if (typeof from !== 'object' || 'adapter' in from) return { ...raw, from };
  const { training = {}, seed = raw['seed'], ...source } = from as Raw;
  const both =
    typeof training === 'object' ? { ...(raw['training'] as object | undefined), ...training } : training;
  return { ...raw, from: { ...source, training: both, ...(seed !== undefined && { seed }) } };
}

function without(raw: Raw, knob: string): Raw {
  const { [knob]: _gone, ...rest } = raw;
  return rest;
}

/** The task that is asked takes `answer.by` of the trial's, whose parameters answer so. An ensemble has the
 *  seed of its first member. */
function withAsked(raw: Raw): Raw {
  const seeds = getKnob(raw, 'evaluate.ensemble.seeds');
  const seeded = Array.isArray(seeds) && seeds.length > 0 ? { ...raw, seed: seeds[0] as unknown } : raw;
  const by = getKnob(raw, 'task.answer.by');
  const task = getKnob(raw, 'evaluate.task');
  const given = getKnob(task, 'answer.by');
  if (by === undefined || !isObject(task) || (given !== undefined && given !== null)) return seeded;
  return withKnob(seeded, 'evaluate.task.answer.by', by);
}

/** Nothing is trained: what is asked is the cell's task, `training` says the precision alone, and a seed
 *  means something only where examples are drawn. */
function asPrompt({ evaluate, ...raw }: Raw): Raw {
  const precision = getKnob(raw, 'training.precision');
  const drawn = Number(getKnob(raw, 'method.shots') ?? 0) !== 0;
  const { task, ...rest } = isObject(evaluate) ? evaluate : {};
  return {
    ...raw,
    training: precision === undefined ? {} : { precision },
    ...(!drawn && { seed: 1 }),
    ...(task !== undefined && { task }),
    ...(Object.keys(rest).length > 0 && { evaluate: rest }),
  };
}

/** What is wrong with a knob that `from` took over from the cell is said of the cell alone. */
function onceFrom(issues: GridIssue[]): GridIssue[] {
  const said = new Set(issues.map((i) => `${i.path} ${i.message}`));
  const inherited = ({ path, message }: GridIssue) =>
    path.startsWith('from.') && said.has(`${path.slice('from.'.length)} ${message}`);
  return issues.filter((issue) => !inherited(issue));
}

/** Adaptation by 0 steps is the backbone itself: both must have the same address. */
function withoutIdleAdaptation(config: TrialConfig): TrialConfig {
  if (config.stage !== 'tune' && config.stage !== 'evaluate') return config;
  if (config.backbone.adapt?.steps !== 0) return config;
  const { adapt: _none, ...backbone } = config.backbone;
  return { ...config, backbone };
}

function crossChecks(config: TrialConfig): GridIssue[] {
  const made = config.stage === 'pretrain' ? config.pretrain : config.backbone.pretrain;
  const unread = made
    ? pretrainIssues(made, config.stage === 'pretrain' ? 'pretrain' : 'backbone.pretrain')
    : [];
  if (unread.length) return unread;
  if (config.stage === 'evaluate')
    return [...evaluatedBy(config).slice(0, 1).flatMap(trainedIssues), ...askedIssues(config)];
  if (config.stage === 'tune') return trainedIssues(config);
  const steps = config.stage === 'pretrain' ? config.pretrain.steps : config.adapt.steps;
  const late = config.checkpoints.filter((c) => c > steps);
  return late.length
    ? [{ path: 'checkpoints', message: `${late[0]} is beyond ${config.stage}.steps ${steps}` }]
    : [];
}

function trainedIssues(config: TuneConfig): GridIssue[] {
  const issues = tuneIssues(config);
  if (config.training.steps === 0 && adapterOf(config) === undefined)
    issues.push({
      path: 'training.steps',
      message: '0: expected 1 or more, or from.adapter, which is then evaluated as it is',
    });
  const source = sourceOf(config);
  if (config.from && config.method.name === 'head')
    issues.push({
      path: 'from',
      message: 'a head belongs to its task, and the method head has nothing else to begin with',
    });
  if (!source) return issues;
  const said = new Set(issues.map((i) => `${i.path} ${i.message}`));
  const others = tuneIssues(source).filter((i) => !said.has(`${i.path} ${i.message}`));
  return [
    ...issues,
    ...others.map(({ path, message }) => ({ path: ofSource(path), message: ofSource(message) })),
  ];
}

/** What a decoder that is trained from scratch does not read, or has no positions for. */
function pretrainIssues({ size, length, noiseDensity, meanSpan }: Pretrain, at: string): GridIssue[] {
  if (size.family === 't5') return [];
  const usual = { noiseDensity: 0.15, meanSpan: 3 };
  const idle = Object.entries({ noiseDensity, meanSpan }).filter(
    ([knob, value]) => value !== usual[knob as keyof typeof usual],
  );
  return [
    ...idle.map(([knob, value]) => ({
      path: `${at}.${knob}`,
      message: `${value}, and a ${size.family} predicts packed text, of which nothing is dropped; leave it out`,
    })),
    ...(length > size.positions
      ? [{ path: `${at}.length`, message: `${length}, and ${at}.size.positions is ${size.positions}` }]
      : []),
  ];
}

/** What names a source's own knobs, by their place in the cell. */
const ofSource = (text: string): string => text.replaceAll(/\b(task|training)(?=\.)/g, 'from.$1');

function tuneIssues(config: TuneConfig): GridIssue[] {
  const issues = impossible(config);
  const { patience, evaluateEvery, schedule, steps, labelSmoothing } = config.training;
  const unchosen = unselectable(config);
  if (unchosen) issues.push(unchosen);
  if (labelSmoothing > 0 && kindOf(config.task) === 'number')
    issues.push({
      path: 'training.labelSmoothing',
      message: `${labelSmoothing}, and numbers are trained by their squared error, which has no classes; expected 0`,
    });
  if (patience !== null && evaluateEvery === null)
    issues.push({ path: 'training.patience', message: 'needs training.evaluateEvery' });
  for (const { knob, task } of singleTasks(config.task))
    if (task.draw > 0 && task.train === null)
      issues.push({
        path: `${knob}.draw`,
        message: `${task.draw}, and ${knob}.train is null: all examples are trained on, and none is drawn`,
      });
  if (schedule.warmup > steps) {
    issues.push({
      path: 'training.schedule.warmup',
      message: `${schedule.warmup} steps of warm-up, and training.steps is ${steps}`,
    });
  }
  return issues;
}

/** One zod issue as issues by knob, each with the value that is there and what was expected. */
function described(issue: z.core.$ZodIssue, raw: Raw, schema: z.ZodType): GridIssue[] {
  if (issue.code === 'invalid_union' && pathText(issue.path) === 'from')
    return ofSourceForm(issue, raw['from']).flatMap((inner) => described(inner, raw, schema));
  const path = pathText(issue.path);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const known = [
        ...keysAt(schema, issue.path, raw),
        ...(path === '' ? ['evaluate', ...Object.keys(Grid.shape)] : []),
      ];
      if (key.includes('.')) {
        const nested = key.split('.').reduceRight((inner, part) => `{ ${part}: ${inner} }`, '…');
        return {
          path: path ? `${path}.${key}` : key,
          message: `no such knob; here it is written as ${nested}`,
        };
      }
      if (key === 'scoring' && /(^|\.)task$/.test(path))
        return {
          path: `${path}.scoring`,
          message: 'is called answer.by now, and "decode" is "decoding" there',
        };
      const guess = closest(key, known);
      const hint = guess
        ? `did you mean "${path ? `${path}.` : ''}${guess}"?`
        : `known are ${known.join(', ')}`;
      const name = getKnob(raw, `${path}.name`);
      return {
        path: path ? `${path}.${key}` : key,
        message: `no such knob${typeof name === 'string' ? ` of ${name}` : ''}; ${hint}`,
      };
    });
  }
  // lists have items too
  const value = issue.path.reduce<unknown>((at, key) => (at as Raw | undefined)?.[key as string], raw);
  const shown = value === undefined ? 'is missing' : shortened(JSON.stringify(value));
  if (issue.code === 'invalid_union' && 'discriminator' in issue && issue.discriminator) {
    const place = issue.path.slice(0, -1);
    const options = issue.discriminator === 'kind' ? kindsAt(schema, place, raw) : namesAt(schema, place);
    const guess = typeof value === 'string' ? closest(value, options) : undefined;
    if (value === undefined && getPath(raw, [...place, 'suite']) !== undefined)
      return [
        {
          path: `${pathText(place)}.suite`,
          message: 'only the task of a grid itself may be a suite, { suite: …, path: … } at its top',
        },
      ];
    return [
      {
        path,
        message: `${shown}; expected one of ${options.join(', ')}${guess ? `; did you mean "${guess}"?` : ''}`,
      },
    ];
  }
  if (value === undefined && issue.code === 'invalid_type')
    return [{ path, message: `is missing; ${issue.message}` }];
  return [{ path, message: `${shown}: ${issue.message}` }];
}

/** What is wrong with `from` in the form that it has: an adapter's, or a trial's. */
function ofSourceForm({ errors, path }: z.core.$ZodIssueInvalidUnion, from: unknown): z.core.$ZodIssue[] {
  const form = typeof from === 'object' && from !== null && 'adapter' in from ? 1 : 0;
  return errors[form]!.map((inner) => ({ ...inner, path: [...path, ...inner.path] }));
}

const shortened = (text: string): string => (text.length > 80 ? `${text.slice(0, 77)}…` : text);
