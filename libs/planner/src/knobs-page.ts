import { z } from 'zod';
import { Answer } from '#contracts/answer.js';
import { Adapt, Backbone, Corpus, Gpt2Size, LlamaSize, Pretrain, T5Size } from '#contracts/backbone.js';
import { Method } from '#contracts/method.js';
import { NoMethod } from '#contracts/methods/none.js';
import { Optimizer, Schedule } from '#contracts/optimizer.js';
import { Task } from '#contracts/task.js';
import { Training } from '#contracts/training.js';
import {
  AdaptConfig,
  AdapterSource,
  Ensemble,
  EvaluateConfig,
  Evaluation,
  PretrainConfig,
  Source,
} from '#contracts/trial.js';
import { meanings } from './knob-meanings.js';
import { constantOf, TuneCell } from './knob-schemas.js';

interface Section {
  title: string;
  knob: string; // what its knobs are within; '': the trial itself
  schema: z.ZodObject;
}

/** A section for each variant of a union, and of those within it. */
const variants = (knob: string, options: readonly (z.ZodObject | z.ZodDiscriminatedUnion)[]): Section[] =>
  options.flatMap((schema) => {
    if (schema instanceof z.ZodDiscriminatedUnion) return variants(knob, schema.options as z.ZodObject[]);
    const kind = constantOf(schema, 'kind');
    const title = `\`${knob}.name: ${constantOf(schema, 'name')}\`${kind === undefined ? '' : `, \`kind: ${kind}\``}`;
    return [{ title, knob, schema }];
  });

/** All knobs, section by section. The knobs of all tasks stand once, with the first. */
export const sections: readonly Section[] = [
  { title: 'A trial (`stage: tune`)', knob: '', schema: TuneCell },
  { title: '`backbone`', knob: 'backbone', schema: Backbone },
  { title: '`backbone.adapt`: LM adaptation', knob: 'backbone.adapt', schema: Adapt },
  { title: '`backbone.pretrain`: pretraining', knob: 'backbone.pretrain', schema: Pretrain },
  { title: '`backbone.pretrain.size`, `family: t5`', knob: 'backbone.pretrain.size', schema: T5Size },
  { title: '`backbone.pretrain.size`, `family: gpt2`', knob: 'backbone.pretrain.size', schema: Gpt2Size },
  { title: '`backbone.pretrain.size`, `family: llama`', knob: 'backbone.pretrain.size', schema: LlamaSize },
  { title: '`corpus` of adaptation and pretraining', knob: 'corpus', schema: Corpus },
  ...variants('task', Task.options),
  { title: '`task.answer`: how a task is answered', knob: 'task.answer', schema: Answer },
  ...variants('method', [...Method.options, NoMethod]),
  { title: '`training`', knob: 'training', schema: Training },
  ...variants('training.optimizer', Optimizer.options),
  { title: '`training.schedule`', knob: 'training.schedule', schema: Schedule },
  { title: '`from`: the trial that a trial starts from', knob: 'from', schema: Source },
  { title: '`from`: an adapter that exists already', knob: 'from', schema: AdapterSource },
  {
    title: 'A trial of `stage: evaluate`: the knobs of `stage: tune`, and',
    knob: '',
    schema: EvaluateConfig.pick({ stage: true, evaluate: true }),
  },
  { title: '`evaluate`: what a trial is asked beside its task', knob: 'evaluate', schema: Evaluation },
  { title: '`evaluate.ensemble`: several trials together', knob: 'evaluate.ensemble', schema: Ensemble },
  { title: 'A trial of `stage: pretrain`', knob: '', schema: PretrainConfig },
  { title: 'A trial of `stage: adapt`', knob: '', schema: AdaptConfig },
];

/** docs/knobs.md, from the schemas. */
export function knobsPage(): string {
  const intro = [
    '# Knobs',
    '',
    'Every knob of a grid file, with the values that it takes, its default and what it means. A knob is named by its',
    'dotted path, as an axis or a rule names it. A knob without a default must be given. [grid.md](grid.md) says how',
    'axes and rules use knobs; [methods.md](methods.md) says what the methods are. Made by `npm run docs:knobs` from',
    'the schemas in libs/contracts/src; meanings are in libs/planner/src/knob-meanings.ts.',
    '',
  ];
  return `${[...intro, ...sections.flatMap(sectionLines)].join('\n').trimEnd()}\n`;
}

function sectionLines(section: Section): string[] {
  const knobs = knobsOf(section);
  if (knobs.length === 0) return [`## ${section.title}`, '', 'No knobs.', ''];
  const line = (cells: string[]) => `| ${cells.map((c) => c.replaceAll('|', '\\|')).join(' | ')} |`;
  const rows = knobs.map(({ knob, json, required, meaning }) =>
    line([`\`${knob}\``, valuesText(json), required ? 'none' : defaultText(json), meaning]),
  );
  return [
    `## ${section.title}`,
    '',
    line(['knob', 'values', 'default', 'means']),
    line(['---', '---', '---', '---']),
    ...rows,
    '',
  ];
}

/** A section's knobs but for the name, which its title says. `key` finds the meaning. */
export function knobsOf({ knob, schema }: Section) {
  const { properties = {}, required = [] } = jsonOf(schema);
  return Object.entries(properties).flatMap(([key, json]) => {
    if (json.const !== undefined && (key === 'name' || key === 'kind')) return [];
    const name = constantOf(schema, 'name') ?? '';
    const kind = constantOf(schema, 'kind');
    const own = [`${name} ${kind}.${key}`, `${name}.${key}`, knob === '' ? key : `${knob}.${key}`].find(
      (k) => k in meanings,
    );
    const full = knob === '' ? key : `${knob}.${key}`;
    return [
      {
        knob: full,
        json,
        required: required.includes(key),
        meaning: own === undefined ? '' : meanings[own]!,
        key: own,
      },
    ];
  });
}

interface Json {
  type?: string;
  const?: unknown;
  enum?: unknown[];
  default?: unknown;
  anyOf?: Json[];
  oneOf?: Json[];
  items?: Json;
  prefixItems?: Json[];
  properties?: Record<string, Json>;
  required?: string[];
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
}

const jsonOf = (schema: z.ZodType) => z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Json;

function defaultText(json: Json): string {
  if (json.default === undefined) return 'absent';
  return `\`${JSON.stringify(json.default)}\``;
}

function valuesText(json: Json): string {
  const options = optionsOf(json);
  if (options) {
    const named = options.flatMap((o) =>
      o.properties?.['name']?.const === undefined ? [] : [`\`${String(o.properties['name'].const)}\``],
    );
    if (named.length === options.length) return `by name: ${[...new Set(named)].join(', ')}`;
    return [...new Set(options.map(valuesText))].join(' or ');
  }
  if (json.const !== undefined) return `\`${JSON.stringify(json.const)}\``;
  if (json.enum)
    return json.enum
      .map((v) => `\`${typeof v === 'string' && v !== '' ? v : JSON.stringify(v)}\``)
      .join(', ');
  switch (json.type) {
    case 'integer':
    case 'number':
      return numberText(json);
    case 'string':
      return 'a text';
    case 'boolean':
      return '`true`, `false`';
    case 'array':
      return json.prefixItems
        ? `[${json.prefixItems.map(valuesText).join(', ')}]`
        : `a list of ${valuesText(json.items ?? {})}`;
    case 'null':
      return '`null`';
    default:
      return 'a mapping';
  }
}

/** What a value may be; a union within a union is part of it. */
const optionsOf = (json: Json): Json[] | undefined =>
  (json.anyOf ?? json.oneOf)?.flatMap((option) => optionsOf(option) ?? [option]);

function numberText({ type, minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Json): string {
  const kind = type === 'integer' ? 'a whole number' : 'a number';
  const known = (n: number | undefined) => n !== undefined && Math.abs(n) < Number.MAX_SAFE_INTEGER;
  const bounds = [
    known(exclusiveMinimum) && `above ${exclusiveMinimum}`,
    known(minimum) && known(maximum) && `from ${minimum} to ${maximum}`,
    known(minimum) && !known(maximum) && `from ${minimum}`,
    !known(minimum) && known(maximum) && `to ${maximum}`,
    known(exclusiveMaximum) && `below ${exclusiveMaximum}`,
  ].filter(Boolean);
  return [kind, ...bounds].join(' ');
}
