/** What of an evaluation no model could do, whatever the trial that it asks was trained for. */
import { families } from '#contracts/family.js';
import { askedTask, evaluatedBy, type EvaluateConfig } from '#contracts/trial.js';
import type { NoMethod } from '#contracts/methods/none.js';
import type { ModelKind } from '#contracts/unanswerable.js';
import { unevaluable } from '#contracts/unevaluable.js';
import type { GridIssue } from './grid-error.js';
import { impossible, knownBackbones } from './known-backbones.js';

/** Issues by the knobs of the cell. What is said of the trial itself already is left out. */
export function askedIssues(config: EvaluateConfig): GridIssue[] {
  if (config.method.name === 'none') return promptIssues(config, config.method);
  if (!config.evaluate)
    return [{ path: 'evaluate', message: 'is missing; expected a task, an ensemble or both' }];
  const [own] = evaluatedBy(config) as [ReturnType<typeof evaluatedBy>[number]];
  const said = new Set(impossible(own).map(textOf));
  const asked = impossible({ ...own, task: askedTask(config) }).filter((issue) => !said.has(textOf(issue)));
  return [
    ...asked.map(({ path, message }) => ({ path: ofAsked(path), message: ofAsked(message) })),
    ...(said.size + asked.length > 0 ? [] : unevaluable(config, kindOfModel(config))),
  ];
}

/** The same of a prompt that somebody wrote. */
function promptIssues(config: EvaluateConfig, { template }: NoMethod): GridIssue[] {
  const { backbone, task } = config;
  const issues = [...impossible({ backbone, task }), ...unevaluable(config, kindOfModel(config))];
  if (issues.length > 0 || template === null) return issues;
  if (factsOf(config)?.masks !== false) return [];
  const message = `has {mask}, and ${backbone.name} has no masked-language-model head to answer there`;
  return [{ path: 'method.template', message }];
}

function factsOf({ backbone: { name } }: EvaluateConfig) {
  return name !== undefined && Object.hasOwn(knownBackbones, name) ? knownBackbones[name] : undefined;
}

function kindOfModel(config: EvaluateConfig): ModelKind | null {
  const facts = factsOf(config);
  return facts ? families[facts.family].kind : null;
}

const textOf = ({ path, message }: GridIssue): string => `${path} ${message}`;

const ofAsked = (text: string): string => text.replaceAll(/\btask(?=\.)/g, 'evaluate.task');
