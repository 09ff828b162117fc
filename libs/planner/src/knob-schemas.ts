/** The schemas of trial configs, walked by a knob's path. */
import { z } from 'zod';
import { Budget } from '#contracts/budget.js';
import { AdaptConfig, EvaluateConfig, PretrainConfig, TuneConfig } from '#contracts/trial.js';
import { getPath, type Raw } from './knobs.js';

/** Cells of a grid. A trial has the size that `budget` decides, and no budget. */
export const TuneCell = TuneConfig.extend({ budget: Budget.optional() });
export const EvaluateCell = EvaluateConfig.extend({ budget: Budget.optional() });

export const stages = {
  tune: TuneCell,
  pretrain: PretrainConfig,
  adapt: AdaptConfig,
  evaluate: EvaluateCell,
};

export type Stage = keyof typeof stages;

export const isStage = (stage: unknown): stage is Stage =>
  typeof stage === 'string' && Object.hasOwn(stages, stage);

/** The stage of a cell, which need not say it: one with `evaluate` asks what another trains, and one without
 *  a method trains nothing. */
export function stageOf(raw: Raw): unknown {
  const { stage, evaluate } = raw;
  return stage ?? ((evaluate ?? null) !== null || isPrompt(raw) ? 'evaluate' : 'tune');
}

/** Whether a cell's prompt is written by hand. */
export const isPrompt = (raw: Raw): boolean => getPath(raw, ['method', 'name']) === 'none';

type Path = readonly PropertyKey[];

/** The schemas that a path leads to, one a variant that has it, with their defaults. */
export function schemasAt(schema: z.ZodType, path: Path): z.ZodType[] {
  let current = [schema];
  for (const key of path) {
    current = current.flatMap(groups).flatMap((group) => {
      const inner = (group instanceof z.ZodRecord ? group.valueType : ownOf(group, key)) as
        z.ZodType | undefined;
      return inner ? [inner] : [];
    });
  }
  return current;
}

const ownOf = ({ shape }: z.ZodObject, key: PropertyKey) =>
  Object.hasOwn(shape, key) ? shape[String(key)] : undefined;

/** The objects and records that a schema allows, unwrapped of defaults and the like. */
export function groups(schema: z.ZodType): (z.ZodObject | z.ZodRecord)[] {
  if (schema instanceof z.ZodObject || schema instanceof z.ZodRecord) return [schema];
  if (schema instanceof z.ZodDiscriminatedUnion || schema instanceof z.ZodUnion)
    return (schema.options as z.ZodType[]).flatMap(groups);
  const inner = (schema as { def?: { innerType?: z.ZodType } }).def?.innerType;
  return inner ? groups(inner) : [];
}

const objectsAt = (schema: z.ZodType, path: Path): z.ZodObject[] =>
  schemasAt(schema, path).flatMap(groups).filter((s) => s instanceof z.ZodObject); // prettier-ignore

/** Whether the keys at a path are the grid's own words (label words, the tasks of a mixture) and no knobs. */
export const isRecordAt = (schema: z.ZodType, path: Path): boolean =>
  schemasAt(schema, path).flatMap(groups).some((s) => s instanceof z.ZodRecord); // prettier-ignore

/** Keys that are allowed at a path, of the variant that the config names, else of all. */
export function keysAt(schema: z.ZodType, path: Path, raw: Raw): string[] {
  const variants = objectsAt(schema, path);
  const named = variants.filter((s) => constantOf(s, 'name') === getPath(raw, [...path, 'name']));
  const kind =
    getPath(raw, [...path, 'kind']) ??
    named.find((s) => constantOf(s, 'kind'))?.shape['kind']?.parse(undefined);
  const ofKind = named.filter((s) => constantOf(s, 'kind') === kind);
  const chosen = ofKind.length ? ofKind : named;
  return [...new Set((chosen.length ? chosen : variants).flatMap((s) => Object.keys(s.shape)))];
}

/** The names of the variants at a path. */
export function namesAt(schema: z.ZodType, path: Path): string[] {
  return [...new Set(objectsAt(schema, path).flatMap((s) => constantOf(s, 'name') ?? []))];
}

/** The kinds among the variants of the name that the config gives at a path. */
export function kindsAt(schema: z.ZodType, path: Path, raw: Raw): string[] {
  const name = getPath(raw, [...path, 'name']);
  const named = objectsAt(schema, path).filter((s) => constantOf(s, 'name') === name);
  return named.flatMap((s) => constantOf(s, 'kind') ?? []);
}

/** The one text that a key of a variant takes, which tells it from the others: its name, its kind. */
export function constantOf(schema: z.ZodObject, key: 'name' | 'kind'): string | undefined {
  let inner = schema.shape[key] as { value?: unknown; def?: { innerType?: unknown } } | undefined;
  while (inner?.def?.innerType) inner = inner.def.innerType as typeof inner;
  return typeof inner?.value === 'string' ? inner.value : undefined;
}
