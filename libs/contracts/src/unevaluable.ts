/** Why what a trial has trained can't answer what it is asked beside. The planner refuses by it when a grid
 *  is submitted, and the trainer where a folder's model is known only then. */
import type { Kind } from './kind.js';
import type { NoMethod } from './methods/none.js';
import { kindOf } from './task.js';
import { askedTask, type EvaluateConfig } from './trial.js';
import { answerBy, type ModelKind, type Unanswerable } from './unanswerable.js';

const anyModel = ['encoder', 'decoder', 'encoder-decoder'] as const satisfies readonly ModelKind[];

/** What no such model can; `model` is null where the backbone's kind is not known yet. */
export function unevaluable(config: EvaluateConfig, model: ModelKind | null): Unanswerable[] {
  const { method } = config;
  const prompt = method.name === 'none' ? method : null;
  const each = (model ? [model] : anyModel).map((kind) => [
    ...(prompt ? promptIssues(prompt, config, kind) : headIssues(config, kind)),
    ...ensembleIssues(config, kind),
  ]);
  return each.every((issues) => issues.length > 0) ? each[0]! : [];
}

const trainedMethod = ({ method }: EvaluateConfig) => (method.name === 'none' ? {} : { method });

/** Kinds whose examples can be written down with their answers. */
const shown: readonly Kind[] = ['class', 'choice', 'span', 'text'];

/** What a prompt that somebody wrote can't do. */
function promptIssues(prompt: NoMethod, { task, from }: EvaluateConfig, model: ModelKind): Unanswerable[] {
  const { template, shots } = prompt;
  const kind = kindOf(task);
  const by = answerBy({ task }, model);
  if (from) return [{ path: 'from', message: 'method none has no parameters to begin with; leave it out' }];
  if (by === 'head') {
    const message = `"${task.name}" is answered by a head, and method none trains none`;
    return [{ path: 'method.name', message }];
  }
  const issues: Unanswerable[] = [];
  if (template !== null && (model !== 'encoder' || kind !== 'class')) {
    const message = 'has {mask}, where an encoder has a label word; write other words into task.input';
    issues.push({ path: 'method.template', message });
  }
  if (shots > 0 && model === 'encoder') {
    const message = `${shots}, and an encoder writes nothing behind examples; expected 0`;
    issues.push({ path: 'method.shots', message });
  } else if (shots > 0 && !shown.includes(kind)) {
    const message = `${shots}, and answers of kind ${kind} can not be written behind a text; expected 0`;
    issues.push({ path: 'method.shots', message });
  }
  return issues;
}

/** A head answers what it was trained for; words can be told to mean anything. */
function headIssues(config: EvaluateConfig, model: ModelKind): Unanswerable[] {
  const { task } = config;
  const method = trainedMethod(config);
  const asked = askedTask(config);
  const [own, other] = [answerBy({ task, ...method }, model), answerBy({ task: asked, ...method }, model)];
  if (own !== 'head' && other !== 'head') return [];
  if (own !== other) {
    const message = `"${other}", and the trial that is asked answers by "${own}"; expected the same`;
    return [{ path: 'evaluate.task.answer.by', message }];
  }
  if (kindOf(task) === kindOf(asked)) return [];
  const message = `has answers of kind ${kindOf(asked)}, and the trial's head was trained for kind ${kindOf(task)}`;
  return [{ path: 'evaluate.task', message }];
}

function ensembleIssues(config: EvaluateConfig, model: ModelKind): Unanswerable[] {
  const { ensemble } = config.evaluate ?? {};
  if (!ensemble) return [];
  const { method, from } = config;
  if (method.name === 'none') {
    const message = 'has members that were trained, and method none trains nothing; leave one of the two out';
    return [{ path: 'evaluate.ensemble', message }];
  }
  const task = askedTask(config);
  const kind = kindOf(task);
  if (kind !== 'class' && kind !== 'choice')
    return [
      {
        path: 'evaluate.ensemble',
        message: `"${task.name}" has answers of kind ${kind}, which have no vote; expected class or choice`,
      },
    ];
  const issues: Unanswerable[] = [];
  // a trial's config has the seed of its source, and not whether that follows its own
  if (from && 'task' in from)
    issues.push({
      path: 'from',
      message: 'trials that start from others can not be members of an ensemble; leave one of the two out',
    });
  const by = answerBy({ task, method }, model);
  if (ensemble.combine === 'mean' && by === 'decoding')
    issues.push({
      path: 'evaluate.ensemble.combine',
      message: '"mean", and what is written has no probabilities of the labels; expected "vote"',
    });
  return issues;
}
