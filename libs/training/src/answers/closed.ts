import * as tf from '@tensorflow/tfjs';
import type { Tensors } from '#engine/step/step.js';
import { type AnswerSpace, outOfReach } from './answering.js';

/** A row of a mixture: what is added to its scores, far below zero for classes of other tasks. */
export interface ClosedRow {
  closed?: Float32Array;
}

/** What is closed to the examples of each task of a mixture, by the task's place; empty where tasks are not
 *  mixed. */
export function closedTasks({ tasks = [], labels }: AnswerSpace): Float32Array[] {
  return tasks.map(({ labels: { from, to } }) =>
    new Float32Array(labels.length).fill(outOfReach).fill(0, from, to),
  );
}

/** `closed` [N, C] of a mixture's rows. */
export function closedTensor(rows: readonly ClosedRow[]): Tensors {
  const classes = rows[0]?.closed?.length;
  if (classes === undefined) return {};
  const flat = new Float32Array(rows.length * classes);
  rows.forEach(({ closed }, r) => flat.set(closed!, r * classes));
  return { closed: tf.tensor2d(flat, [rows.length, classes]) };
}
