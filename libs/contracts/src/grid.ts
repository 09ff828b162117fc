import { z } from 'zod';
import { Input } from './input.js';
import { Requires } from './labels.js';

/** A knob's path in a trial config ("method.length") with the value it takes. */
export const Point = z.record(z.string().min(1), z.json());
export type Point = z.infer<typeof Point>;

/** The axis of the subset of training examples. */
export const drawAxis = 'task.draw';

/** Axes whose cells are replicates of each other: means are over them, unless a table places them. */
export const replicateAxes: readonly string[] = ['seed', drawAxis];

export const isReplicate = (axis: string): boolean => replicateAxes.includes(axis);

/** One document of a grid file, before its cells are resolved. Everything but the keys named here is the base
 *  config that every cell starts from; `grid` lists values for any knob below it. */
export const Grid = z.looseObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{0,79}$/i, 'expected letters, digits, ".", "_" or "-", at most 80'),
  requires: Requires.optional(), // labels of the workers that may train it; absent: any may
  grid: z.record(z.string().min(1), z.array(z.json()).min(1)).default({}),
  /** Cells that match every entry of one of these points do not exist. */
  exclude: z.array(Point).default([]),
  /** Where `if` matches, `set` is applied; knobs of `set` must not be axes. */
  when: z.array(z.strictObject({ if: Point, set: Point })).default([]),
  /** Extra cells beside the grid. Each crosses with the axes of replicates only. */
  baselines: z.array(z.looseObject({})).default([]),
});
export type Grid = z.infer<typeof Grid>;

/** What is submitted: the grids of one file, and by content the files and folders that they name. */
export const CreateExperiment = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(200)
    .regex(/^[^\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]*$/u, 'expected no control characters'),
  grids: z.array(Grid).min(1).max(100),
  inputs: z.array(Input).max(10_000).default([]),
  priority: z.int().min(-100).max(100).default(0), // higher runs first
  /** A second submission with the same key returns the first one's experiment; with another content it is
   *  refused. */
  idempotencyKey: z.string().min(1).max(200).optional(),
});
export type CreateExperiment = z.infer<typeof CreateExperiment>;
