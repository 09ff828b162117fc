import type { Tensors } from '#engine/step/step.js';
import type { EncodedExample } from './encode-examples.js';
import { lengthBatches } from './length-batches.js';
import type { RowReader } from './row-reader.js';

/** Something that answers the same rows once for each of its members. */
export interface Answerer {
  readonly members: number;
  readonly fanOut: number; // rows that scoring makes of each
  readonly read: RowReader;
  /** Classes [members * rows], member-major, or of every token, [members * rows * T]; takes over `batch`. */
  answer(batch: Tensors): Int32Array;
}

const rowsAtOnce = 64;

/** Predicted classes, one array a member in the order of `examples`, or of their words, one example's after the other. Rests between batches, so that messages are heard. */
export async function* answerExamples(
  answerer: Answerer,
  examples: readonly EncodedExample[],
): AsyncGenerator<void, Int32Array[]> {
  const { members, fanOut } = answerer;
  const size = Math.max(Math.ceil(8 / fanOut), Math.floor(rowsAtOnce / members / fanOut));
  const starts = startsOf(examples);
  const predictions = Array.from({ length: members }, () => new Int32Array(starts.at(-1)!));
  for (const indices of lengthBatches(examples, size)) {
    const rows = indices.map((i) => examples[i]!);
    const classes = answerer.answer(answerer.read(Array.from({ length: members }, () => rows)));
    const width = classes.length / members / size;
    for (const [m, own] of predictions.entries())
      indices.forEach((i, r) => {
        const row = classes.subarray((m * size + r) * width, (m * size + r + 1) * width);
        own.set(placesOf(examples[i]!).map((place) => row[place] ?? -1), starts[i]!); // prettier-ignore
      });
    yield;
  }
  return predictions;
}

const whole = Int32Array.of(0);

/** Where in its row each of an example's answers stands; -1: nowhere. */
const placesOf = ({ tags }: EncodedExample): Int32Array => tags?.places ?? whole;

/** Where each example's answers begin among all, and behind them their number. */
function startsOf(examples: readonly EncodedExample[]): number[] {
  const starts = [0];
  for (const example of examples) starts.push(starts.at(-1)! + placesOf(example).length);
  return starts;
}

/** The class of the largest score of each row. */
export function likeliest({ scores, classes }: { scores: Float32Array; classes: number }): Int32Array {
  return Int32Array.from({ length: scores.length / classes }, (_, row) => {
    const own = scores.subarray(row * classes, (row + 1) * classes);
    return own.indexOf(Math.max(...own));
  });
}
