import * as tf from '@tensorflow/tfjs';
import type { AddedRows } from '../memory/added-rows.js';
import { nativeBackend } from '../native/backend.js';
import { AttrType } from '../native/c-api.js';
import { gatherRows } from '../ops/embedding.js';
import type { Tensors } from '../step/step.js';
import type { Move, Updated } from './rule.js';

/** How the table moves by a gradient of all of it, or one value for all, and how rows of it do. */
interface Moves {
  table: Move;
  rows: Move;
}

/** One step of a table [1, V, D], called "0", of which a batch read few rows. All others have no gradient, or
 *  (the table makes the logits too) that of the logits, so the table moves as without what the rows were
 *  given, which waits for little and runs beside the passes; the rows are moved from where they were and take
 *  their places in it. For rules that move every value by itself. */
export function tableUpdate(
  table: tf.Tensor,
  { rest, rows, ids }: AddedRows,
  state: Tensors,
  moves: Moves,
): Updated {
  const [, height, width] = table.shape as [number, number, number];
  const taken = (t: tf.Tensor) => tf.reshape(gatherRows(tf.squeeze(t, [0]), ids), [1, -1, width]);
  const added = tf.expandDims(summed(rows, ids, height), 0);
  // taken first: the table may change in place
  const [before, stateBefore] = [taken(table), mapped(state, taken)];
  const touched = moves.rows({ 0: before }, { 0: rest ? tf.add(taken(rest), added) : added }, stateBefore);
  const untouched = moves.table({ 0: table }, { 0: rest ?? tf.zeros([1, 1, 1]) }, state);
  const inPlace = (of: Tensors, from: Tensors) => mapped(of, (t, name) => placed(t, ids, from[name]!));
  return {
    parameters: inPlace(untouched.parameters, touched.parameters),
    state: inPlace(untouched.state, touched.state),
  };
}

/** rows [M, D], each replaced by the sum of all that have its id. */
function summed(rows: tf.Tensor2D, ids: tf.Tensor1D, height: number): tf.Tensor {
  const [count] = rows.shape;
  const places = tf.expandDims(tf.range(0, count, 1, 'int32'), 1);
  // a place of each id, no matter which
  const oneOfEach = tf.squeeze(written(tf.zeros([height, 1], 'int32'), ids, places), [1]);
  const place = gatherRows(oneOfEach, ids) as tf.Tensor1D;
  return gatherRows(tf.unsortedSegmentSum(rows, place, count), place);
}

/** `table` with rows [1, M, D] at ids; those of one id are equal. */
const placed = (table: tf.Tensor, ids: tf.Tensor1D, rows: tf.Tensor): tf.Tensor =>
  tf.expandDims(written(tf.squeeze(table, [0]), ids, tf.squeeze(rows, [0])), 0);

/** Writes into `table` itself, which nothing else may hold: TensorScatterUpdate would copy it first. */
function written(table: tf.Tensor, ids: tf.Tensor1D, rows: tf.Tensor): tf.Tensor {
  const backend = nativeBackend();
  const attrs = [{ name: 'T', type: AttrType.type, value: backend.getDTypeInteger(table.dtype) }];
  return backend.executeSingleOutput('InplaceUpdate', attrs, [table, ids, rows]);
}

const mapped = (tensors: Tensors, f: (t: tf.Tensor, name: string) => tf.Tensor): Tensors =>
  Object.fromEntries(Object.entries(tensors).map(([name, t]) => [name, f(t, name)]));
