/** How each kind of model answers each kind of task, and why some cannot: the only place that says so. The
 *  planner refuses by it when a grid is submitted, and the trainer where a folder's model is known only then.
 */
import { type Answer, Answer as AnswerSchema, type AnswerBy } from './answer.js';
import type { Family } from './family.js';
import type { Kind } from './kind.js';
import { type Method, trainsHead } from './method.js';
import { maskSlot, wordsAfterMask } from './open-place.js';
import { kindOf, type Task } from './task.js';

export type ModelKind = 'encoder' | 'decoder' | 'encoder-decoder';

const writes = ['label-words', 'head', 'decoding'] as const;

/** The first of each is the default of a method without a head of its own. */
const ways = {
  class: { encoder: ['label-words', 'head'], decoder: writes, 'encoder-decoder': writes },
  choice: { encoder: ['head'], decoder: writes, 'encoder-decoder': writes },
  tags: { encoder: ['head'], decoder: [], 'encoder-decoder': [] },
  span: { encoder: ['head'], decoder: ['decoding'], 'encoder-decoder': ['decoding'] },
  text: { encoder: [], decoder: ['decoding'], 'encoder-decoder': ['decoding'] },
  cloze: { encoder: ['label-words'], decoder: ['label-words'], 'encoder-decoder': ['label-words'] },
  number: { encoder: ['head'], decoder: ['head'], 'encoder-decoder': ['head'] },
  language: { encoder: [], decoder: ['label-words'], 'encoder-decoder': [] },
} as const satisfies Record<Kind, Record<ModelKind, readonly AnswerBy[]>>;

const models = {
  encoder: 'BERT, RoBERTa or MPNet',
  decoder: 'GPT-2 or LLaMA',
  'encoder-decoder': 'T5 or BART',
} satisfies Record<ModelKind, string>;

const modelKinds = Object.keys(models) as ModelKind[];

export interface Asked {
  task: Task;
  method?: Method; // absent: the backbone is untouched
}

/** What is known of the model that is to answer. */
export interface Answerer {
  kind: ModelKind;
  name: string; // as a sentence calls it
  family?: Family | undefined;
  masks?: boolean | undefined; // false: an encoder without a masked-language-model head
}

const waysOf = (kind: Kind, model: ModelKind): readonly AnswerBy[] => ways[kind][model];

/** How such a model answers such a trial's task. Means nothing where `unanswerable` finds something. */
export function answerBy({ task, method }: Asked, model: ModelKind): AnswerBy {
  if (task.answer.by !== null) return task.answer.by;
  const possible = waysOf(kindOf(task), model);
  if (method && trainsHead(method) && possible.includes('head')) return 'head';
  return possible[0] ?? 'label-words';
}

/** A knob, and why a model can't answer with such a value. */
export interface Unanswerable {
  path: string;
  message: string;
}

/** Why no such model answers the trial's task, in the order in which it is to be mended; empty where one
 *  does. `model` is null where the backbone's kind is not known yet. */
export function unanswerable(asked: Asked, model: Answerer | null): Unanswerable[] {
  if (model) return issuesOf(asked, model);
  const kind = kindOf(asked.task);
  const able = modelKinds.filter((own) => waysOf(kind, own).length > 0);
  const each = able.map((own) => issuesOf(asked, { kind: own, name: `a ${models[own]}` }));
  return each.every((issues) => issues.length > 0) ? each[0]! : [];
}

function issuesOf(asked: Asked, model: Answerer): Unanswerable[] {
  const { kind, name } = model;
  const first = modelIssue(asked, kind, name) ?? clozeIssue(asked, model) ?? headIssue(asked, kind);
  return first
    ? [first]
    : [...textIssues(asked, kind), ...sentinelIssues(asked, kind, name), ...writingIssues(asked, kind)];
}

/** Where no method could help. */
function modelIssue({ task }: Asked, model: ModelKind, name: string): Unanswerable | null {
  const kind = kindOf(task);
  const possible = waysOf(kind, model);
  if (possible.length === 0) {
    const able = modelKinds.filter((own) => waysOf(kind, own).length > 0).map((own) => models[own]);
    const own = 'dataset' in task ? `${task.name} ${task.dataset}` : task.name;
    const message = `"${own}" has answers of kind ${kind}, which ${anAn(model)} can not give, and ${name} is one; expected a ${able.join(' or a ')}`;
    return { path: task.name === 'file' ? 'task.kind' : 'task.name', message };
  }
  const { by } = task.answer;
  if (by === null || possible.includes(by)) return null;
  const known = possible.map((own) => `"${own}"`).join(' or ');
  const message = `"${by}", and ${name} is ${anAn(model)}, which answers kind ${kind} by ${known}`;
  return { path: 'task.answer.by', message };
}

/** Where the model has nothing to fill an open place with, or reads on after it. */
function clozeIssue({ task }: Asked, { kind, name, family, masks }: Answerer): Unanswerable | null {
  if (task.name !== 'file' || task.kind !== 'cloze') return null;
  const lacks = (what: string) => ({
    path: 'task.kind',
    message: `"cloze", and ${name} ${what}; expected a BERT, RoBERTa or MPNet with a masked-language-model head, a ${models.decoder} or a T5`,
  });
  if (family === 'bart') return lacks('is a BART, which has no sentinel for an open place');
  if (masks === false) return lacks('has no masked-language-model head');
  if (kind !== 'decoder' || !task.input.includes(maskSlot)) return null;
  const words = wordsAfterMask(task.input.replaceAll(/\{(?!mask\})[^{}]*\}/g, ''));
  return words === null
    ? null
    : { path: 'task.input', message: wordsAfterMaskIssue(JSON.stringify(words), name) };
}

/** Why a decoder does not fill an open place that words follow. `words`: as they are to be told. */
export const wordsAfterMaskIssue = (words: string, name: string): string =>
  `${words} follows ${maskSlot}, and ${name} is a decoder, which answers at the end of a text; expected punctuation at most`;

/** Where the method's head and the way of answering contradict each other. */
function headIssue(asked: Asked, model: ModelKind): Unanswerable | null {
  const { task, method } = asked;
  const by = answerBy(asked, model);
  if (!method) return null;
  if (by === 'head') {
    if (method.name === 'p-tuning-v2' && !method.classifier)
      return {
        path: 'method.classifier',
        message: `false, and "${task.name}" is answered by a head; expected true`,
      };
    return null;
  }
  if (!trainsHead(method)) return null;
  if (method.name === 'p-tuning-v2')
    return {
      path: 'method.classifier',
      message: `true, and "${task.name}" is answered by "${by}"; expected false`,
    };
  return task.answer.by === null
    ? {
        path: 'method.name',
        message: `"${method.name}" trains a head, and "${task.name}" is answered by "${by}"`,
      }
    : {
        path: 'task.answer.by',
        message: `"${by}", and method "${method.name}" answers by its own head; leave it out`,
      };
}

/** Where the method puts tokens into what is read, and the kind needs the text alone. */
function textIssues(asked: Asked, model: ModelKind): Unanswerable[] {
  const { task, method } = asked;
  if (!method) return [];
  const kind = kindOf(task);
  const by = answerBy(asked, model);
  if (method.name === 'p-tuning' && method.template !== null) {
    const path = 'method.template';
    if (kind === 'tags' || kind === 'span' || kind === 'language') {
      const message = `puts text among the words, and "${task.name}" is answered word by word; leave it out`;
      return [{ path, message }];
    }
    if (method.template.includes('{mask}') && (kind !== 'class' || by !== 'label-words'))
      return [{ path, message: `has {mask}, and "${task.name}" is not answered there; leave {mask} out` }];
  }
  if (
    method.name === 'prefix-tuning' &&
    method.position === 'infix' &&
    (by === 'head' || kind === 'language')
  ) {
    const message = `"infix" is between a text and what is written after it, and "${task.name}" has nothing written`;
    return [{ path: 'method.position', message }];
  }
  return [];
}

/** Where nothing is written that could begin with a sentinel. */
function sentinelIssues(asked: Asked, model: ModelKind, name: string): Unanswerable[] {
  const { task } = asked;
  if (!task.sentinel) return [];
  const issue = (why: string) => [{ path: 'task.sentinel', message: `true, and ${why}` }];
  if (model !== 'encoder-decoder') return issue(`${name} is ${anAn(model)}; T5 has sentinels`);
  if (answerBy(asked, model) === 'head') return issue('a head answers, which writes nothing; expected false');
  return kindOf(task) === 'cloze'
    ? issue('a cloze is answered behind its sentinel anyway; expected false')
    : [];
}

const written = Object.keys(AnswerSchema.shape).filter((knob) => knob !== 'by') as (keyof Answer)[];

/** Knobs of writing where nothing is written, and those that contradict each other. */
function writingIssues(asked: Asked, model: ModelKind): Unanswerable[] {
  const { answer } = asked.task;
  const by = answerBy(asked, model);
  if (by !== 'decoding') {
    const defaults = AnswerSchema.parse({});
    const given = written.filter((knob) => answer[knob] !== defaults[knob]);
    return given.map((knob) => ({
      path: `task.answer.${knob}`,
      message: `${answer[knob]}, and nothing is written where the answer is by "${by}"; leave it out`,
    }));
  }
  const issues: Unanswerable[] = [];
  const { beams, topP, temperature, minTokens, maxTokens } = answer;
  if (topP !== null && beams > 1)
    issues.push({
      path: 'task.answer.topP',
      message: `${topP}, and task.answer.beams is ${beams}; draws need 1`,
    });
  if (topP === null && temperature !== 1)
    issues.push({
      path: 'task.answer.temperature',
      message: `${temperature}, and task.answer.topP is null: nothing is drawn`,
    });
  if (maxTokens !== null && minTokens >= maxTokens)
    issues.push({
      path: 'task.answer.minTokens',
      message: `${minTokens}, and task.answer.maxTokens is ${maxTokens}`,
    });
  return issues;
}

const anAn = (model: ModelKind): string => (model === 'decoder' ? `a ${model}` : `an ${model}`);
