import * as tf from '@tensorflow/tfjs';
import type { NativeBackend } from './backend.js';
import { AttrType, DataType } from './c-api.js';

export interface Matrices {
  a: tf.TensorInfo; // [..., M, K], or [..., K, M] where transposed
  b: tf.TensorInfo; // [..., K, N], or [..., N, K]
  transposeA: boolean;
  transposeB: boolean;
}

/** Puts our own kernel in the place of tfjs-node's for matMul, which takes BatchMatMulV2 for everything. */
export function registerMatmulKernel(): void {
  const place = { kernelName: tf.BatchMatMul, backendName: 'tensorflow' };
  const kernelFunc: tf.KernelFunc = ({ inputs, attrs, backend }) => {
    const [a, b] = [inputs['a'] as tf.TensorInfo, inputs['b'] as tf.TensorInfo];
    const [transposeA, transposeB] = [attrs!['transposeA'], attrs!['transposeB']] as [boolean, boolean];
    const native = backend as NativeBackend;
    const { name, opAttrs } = matmulOp({ a, b, transposeA, transposeB }, native.getDTypeInteger(a.dtype));
    return native.executeSingleOutput(name, opAttrs, [a, b]);
  };
  tf.unregisterKernel(place.kernelName, place.backendName);
  tf.registerKernel({ ...place, kernelFunc });
}

/** The product of two tensors of float32 read in bfloat16, and stored so: the library adds up in float32, and
 *  has no product of bfloat16 that gives float32. */
export function narrowProduct(native: NativeBackend, matrices: Matrices): tf.Tensor {
  const { native: binding } = native;
  const given = native.ids([matrices.a, matrices.b]);
  const read = given.map((id) => binding.converted(id, DataType.bfloat16));
  const { name, opAttrs } = matmulOp(matrices, DataType.bfloat16);
  const [product] = binding.executeOp(name, opAttrs, read, 1);
  for (const [i, id] of read.entries()) if (id !== given[i]) binding.deleteTensor(id);
  return native.tensorOf(product!);
}

/** For two matrices MatMul is the faster of the two (3 to 10 % on a CPU), but where the second is transposed.
 */
function matmulOp({ a, b, transposeA, transposeB }: Matrices, dtype: number) {
  const matrices = a.shape.length === 2 && b.shape.length === 2 && !transposeB;
  const [name, ofA, ofB] = matrices
    ? (['MatMul', 'transpose_a', 'transpose_b'] as const)
    : (['BatchMatMulV2', 'adj_x', 'adj_y'] as const);
  const opAttrs = [
    { name: 'T', type: AttrType.type, value: dtype },
    { name: ofA, type: AttrType.bool, value: transposeA },
    { name: ofB, type: AttrType.bool, value: transposeB },
  ];
  return { name, opAttrs };
}
