/** What of a grid's rules is wrong whatever its cells are: knobs that do not exist, values that a knob can't
 *  have. */
import { z } from 'zod';
import type { Grid } from '#contracts/grid.js';
import type { GridIssue } from './grid-error.js';
import { conditionsOf } from './conditions.js';
import { issueWords } from './issue-words.js';
import { isObject, isWithin, sameValue, shown } from './knobs.js';
import { groups, keysAt, namesAt, schemasAt, stageOf, stages } from './knob-schemas.js';
import { closest } from './spelling.js';

/** Issues by their place in the grid: "exclude[0].method.rnak", "when[1].set.seed". */
export function ruleIssues({ grid: axes, exclude, when, ...base }: Grid): GridIssue[] {
  return [
    ...when.flatMap((rule, i) => [
      ...pointIssues(
        rule.if,
        `when[${i}].if`,
        'would match every cell; set its knobs in the grid itself',
        base,
      ),
      ...setIssues(rule.set, `when[${i}].set`, axes),
    ]),
    ...exclude.flatMap((rule, i) => pointIssues(rule, `exclude[${i}]`, 'would exclude every cell', base)),
  ];
}

function pointIssues(point: Point, place: string, empty: string, base: Point): GridIssue[] {
  if (Object.keys(point).length === 0) return [{ path: place, message: `names no knob, and ${empty}` }];
  const seen = new Map<string, unknown>();
  return conditionsOf(point).flatMap(({ path, value }) => {
    const knob = path.join('.');
    const before = seen.get(knob);
    const message =
      seen.has(knob) && !sameValue(before, value)
        ? `asks for ${shown(before)} and for ${shown(value)} at once`
        : conditionIssue(path, value, base);
    seen.set(knob, value);
    return message === null ? [] : [{ path: `${place}.${knob}`, message }];
  });
}

type Point = Record<string, unknown>;

/** What is wrong with asking for a value of a knob; null: some variant of some stage can have it. */
function conditionIssue(path: readonly string[], value: unknown, base: Point): string | null {
  const schemas = allAt(path);
  if (schemas.length === 0) return unknownKnob(path, base);
  if (isObject(value) && schemas.flatMap(groups).length > 0) return null;
  if (value === null && schemas.some((s) => s instanceof z.ZodOptional)) return null; // absent
  const results = schemas.map((s) => s.safeParse(value, { error: issueWords }));
  if (results.some((r) => r.success)) return null;
  const names = allNames(path.slice(0, -1));
  if (path.at(-1) === 'name' && names.length > 0) return `${shown(value)}; ${among(value, names)}`;
  const words = new Set(results.flatMap((r) => r.error!.issues.map((issue) => issue.message)));
  const own = typeof value === 'string' && allNames(path).includes(value);
  return `${shown(value)}: ${[...words].join(', or ')}${own ? `; did you mean "${[...path, 'name'].join('.')}"?` : ''}`;
}

function unknownKnob(path: readonly string[], base: Point, rest: readonly string[] = []): string {
  const parent = path.slice(0, -1);
  const group = allAt(parent);
  const known = allKeys(parent, base);
  if (parent.length > 0 && group.length > 0 && known.length === 0)
    return `no such knob; ${parent.join('.')} has one value, and no knobs of its own`;
  if (parent.length > 0 && group.length === 0) return unknownKnob(parent, base, [path.at(-1)!, ...rest]);
  const guess = closest(path.at(-1)!, known) ?? closest(path.at(-1)!, allKeys(parent, {}));
  if (guess === undefined) return `no such knob; known are ${known.join(', ')}`;
  const whole = [...parent, guess, ...rest];
  return `no such knob; did you mean "${(allAt(whole).length > 0 ? whole : [...parent, guess]).join('.')}"?`;
}

function setIssues(set: Point, place: string, axes: Grid['grid']): GridIssue[] {
  if (Object.keys(set).length === 0) return [{ path: place, message: 'sets no knob' }];
  return Object.keys(set).flatMap((knob) => {
    const path = `${place}.${knob}`;
    if (knob in axes) return [{ path, message: 'is an axis; a rule may only set other knobs' }];
    const inner = Object.keys(axes).find((axis) => isWithin(axis, knob));
    return inner
      ? [{ path, message: `would replace what the axis ${inner} gives; a rule may only set other knobs` }]
      : [];
  });
}

function among(value: unknown, options: readonly string[]): string {
  const guess = typeof value === 'string' ? closest(value, options) : undefined;
  return `expected one of ${options.join(', ')}${guess ? `; did you mean "${guess}"?` : ''}`;
}

const everyStage = Object.values(stages) as z.ZodType[];

const allAt = (path: readonly string[]) => everyStage.flatMap((stage) => schemasAt(stage, path));

const allNames = (path: readonly string[]) => [
  ...new Set(everyStage.flatMap((stage) => namesAt(stage, path))),
];

const allKeys = (path: readonly string[], base: Point) => {
  const stage = stageOf(base);
  const own = everyStage.filter((_, i) => Object.keys(stages)[i] === stage);
  const keys = (from: z.ZodType[]) => [...new Set(from.flatMap((schema) => keysAt(schema, path, base)))];
  const found = keys(own);
  return found.length ? found : keys(everyStage);
};
