import * as tf from '@tensorflow/tfjs';
import { isNative, nativeBackend } from '../native/backend.js';
import { DataType } from '../native/c-api.js';
import { multiplied } from '../ops/product.js';
import { isRowsAdded, type Summand, summands } from './summands.js';

/** The same gradient with fewer passes over memory, in a step that TensorFlow's own kernels run. Each lane,
 *  and each place where the model uses a weight, adds a tensor of the weight's size; a table of embeddings
 *  that also makes the logits gets eight. Rows added into zeros are one addition of all rows, and products
 *  over few rows one product over all: a^T b + c^T d = [a; c]^T [b; d]. */
export function joinedSum(sum: tf.Tensor): tf.Tensor {
  const tracer = isNative() ? nativeBackend().native.tracer : undefined;
  if (!tracer || tracer.xla) return sum;
  const parts = summands(tracer, nativeBackend().metadata(sum));
  const [rows, products] = [parts.filter(isRowsAdded), parts.filter(isThinProduct)];
  if (rows.length < 2 && products.length < 2) return sum;
  const others = parts.filter((part) => !rows.includes(part) && !products.includes(part)).map(tensor);
  const product = products.length > 0 ? [productOf(products)] : [];
  const added =
    rows.length > 0
      ? [tf.unsortedSegmentSum(joined(rows, 0), joined(rows, 1) as tf.Tensor1D, rows[0]!.shape[0]!)]
      : [];
  return [...product, ...others, ...added]
    .map((part) => tf.reshape(part, sum.shape))
    .reduce((a, b) => tf.add(a, b));
}

function productOf(parts: readonly Summand[]): tf.Tensor {
  const narrow = parts.every(({ origin }) =>
    origin!.inputs.every(({ dtype }) => dtype === DataType.bfloat16),
  );
  return (narrow ? multiplied : tf.matMul)(
    joined(parts, 0) as tf.Tensor2D,
    joined(parts, 1) as tf.Tensor2D,
    true,
    false,
  );
}

/** a^T b of a [K, I] and b [K, O] with so few rows that writing the result takes most of the time. */
function isThinProduct({ origin, shape }: Summand): boolean {
  if (origin?.name !== 'MatMul') return false;
  const transposed = origin.attrs.find((a) => a.name === 'transpose_a')?.value;
  return transposed === true && origin.inputs[0]!.shape[0]! * 4 <= Math.min(...shape);
}

const joined = (parts: readonly Summand[], input: number): tf.Tensor =>
  tf.concat(parts.map((p) => tensor(p.origin!.inputs[input]!)));

const tensor = (of: Pick<Summand, 'id' | 'shape' | 'dtype'>): tf.Tensor => nativeBackend().tensorOf(of);
