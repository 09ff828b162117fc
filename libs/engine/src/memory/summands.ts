import { DataType } from '../native/c-api.js';
import type { Origin, TensorMetadata, Trace } from '../native/types.js';

export interface Summand extends TensorMetadata {
  origin?: Origin;
}

/** What a tensor of a trace is the sum of, beneath reshapes and where it was widened; itself where it is no
 *  sum. */
export function summands(tracer: Trace, sum: TensorMetadata): Summand[] {
  const origin = tracer.originOf(sum.id);
  const isWidened = origin?.name === 'Cast' && origin.inputs[0]!.dtype === DataType.bfloat16;
  if (origin?.name === 'Reshape' || isWidened) return summands(tracer, origin.inputs[0]!);
  const broadcasts = origin?.inputs.some(({ shape }) => `${shape}` !== `${sum.shape}`);
  if (origin?.name === 'Add' && !broadcasts) return origin.inputs.flatMap((input) => summands(tracer, input));
  return [{ ...sum, ...(origin && { origin }) }];
}

/** Rows added into a table of zeros: the gradient of an embedding. */
export const isRowsAdded = ({ origin }: Summand): boolean => origin?.name === 'UnsortedSegmentSum';
