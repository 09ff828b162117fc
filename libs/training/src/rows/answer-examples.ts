import type { Tensors } from '#engine/step/step.js';
import type { Kind } from '#contracts/kind.js';
import type { Said } from '#tasks/example.js';
import type { Answering, Outputs } from '../answers/answering.js';
import type { EncodedExample } from './encode-examples.js';
import { lengthBatches } from './length-batches.js';
import type { RowReader } from './row-reader.js';

/** Something that answers the same rows once for each of its members. */
export interface Answerer {
  readonly members: number;
  readonly answers: Pick<Answering, 'fanOut' | 'said'>;
  readonly read: RowReader;
  /** Of members * rows, member-major; takes over `batch`. */
  answer(batch: Tensors): Outputs;
}

const rowsAtOnce = 64;

/** What each member says of the examples, in their order. Rests between batches, so that messages are heard. */
export async function* answerExamples(
  answerer: Answerer,
  examples: readonly EncodedExample[],
): AsyncGenerator<void, Said[Kind][][]> {
  const { members, answers } = answerer;
  const size = Math.max(Math.ceil(8 / answers.fanOut), Math.floor(rowsAtOnce / members / answers.fanOut));
  const said = Array.from({ length: members }, () => new Array<Said[Kind]>(examples.length));
  for (const indices of lengthBatches(examples, size)) {
    const rows = indices.map((i) => examples[i]!);
    const outputs = answerer.answer(answerer.read(Array.from({ length: members }, () => rows)));
    for (const [m, own] of said.entries())
      for (const [r, i] of indices.entries()) own[i] = answers.said(outputs, m * rows.length + r, examples[i]!);
    yield;
  }
  return said;
}
