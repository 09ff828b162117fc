import * as tf from '@tensorflow/tfjs';
import { isNative, nativeBackend } from '../native/backend.js';
import type { Tensors } from './step.js';

/** A part of each member's rows: `from` to `to` of `of`. */
export interface Lane {
  from: number;
  to: number;
  of: number;
}

/** Two and not the number of cores, so that a trial sums in the same order on every machine with a CPU. */
const lanesOnCpu = 2;

/** How many parts of a batch are computed side by side: on a CPU an operation is too short to be shared out
 *  over cores, so each core takes a chain of whole operations instead; a GPU takes each operation whole. */
export function laneCount(): number {
  return isNative() && !nativeBackend().native.isUsingGpuDevice() ? lanesOnCpu : 1;
}

/** `compute` of a batch, lane by lane. Every tensor's leading axis is [G * N] member-major, or a multiple of
 *  it ([G * N * T]), and so is that of the result, whose rows come out as if the batch had been computed
 *  whole. Between the lanes nothing depends on anything, so a step runs them at once. */
export function inLanes(
  batch: Tensors,
  members: number,
  compute: (part: Tensors, lane: Lane) => tf.Tensor,
  most = laneCount(),
): tf.Tensor {
  const rows = Math.min(...Object.values(batch).map((t) => t.shape[0]!)) / members;
  const count = Math.min(most, rows);
  if (count <= 1) return compute(batch, { from: 0, to: rows, of: rows });
  const lanes = Array.from({ length: count }, (_, i) => {
    const [from, to] = [i, i + 1].map((edge) => Math.round((edge * rows) / count)) as [number, number];
    return { from, to, of: rows };
  });
  const parts = lanes.map((lane) => {
    const part = Object.fromEntries(
      Object.entries(batch).map(([name, t]) => [name, laneOf(t, members, lane)]),
    );
    return compute(part, lane);
  });
  return joined(parts, members);
}

/** A lane's rows of t, whose leading axis is member-major. */
export function laneOf(t: tf.Tensor, members: number, { from, to, of }: Lane): tf.Tensor {
  const [leading, ...rest] = t.shape as [number, ...number[]];
  const each = leading / members / of; // of what a row became
  const byMember = tf.reshape(t, [members, leading / members, ...rest]);
  const own = tf.slice(byMember, [0, from * each], [members, (to - from) * each]);
  return tf.reshape(own, [members * (to - from) * each, ...rest]);
}

function joined(parts: readonly tf.Tensor[], members: number): tf.Tensor {
  const rest = parts[0]!.shape.slice(1);
  const byMember = parts.map((p) => tf.reshape(p, [members, p.shape[0]! / members, ...rest]));
  return tf.reshape(tf.concat(byMember, 1), [-1, ...rest]);
}
