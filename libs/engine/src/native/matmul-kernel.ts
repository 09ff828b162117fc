import * as tf from '@tensorflow/tfjs';
import type { NativeBackend } from './backend.js';
import { AttrType, DataType } from './c-api.js';
import { productPrecision } from './precision.js';

/** Puts our own kernel in the place of tfjs-node's for matMul, which takes BatchMatMulV2 for everything. For two matrices MatMul is the faster of
 *  the two (3 to 10 % on a CPU), but where the second is transposed. In bfloat16 both are read so, and the product is stored so: the library adds
 *  up in float32 and has no product that gives float32. */
export function registerMatmulKernel(): void {
  const place = { kernelName: tf.BatchMatMul, backendName: 'tensorflow' };
  const kernelFunc: tf.KernelFunc = ({ inputs, attrs, backend }) => {
    const [a, b] = [inputs['a'] as tf.TensorInfo, inputs['b'] as tf.TensorInfo];
    const [transposeA, transposeB] = [attrs!['transposeA'], attrs!['transposeB']] as [boolean, boolean];
    const native = backend as NativeBackend;
    const matrices = a.shape.length === 2 && b.shape.length === 2 && !transposeB;
    const [op, ofA, ofB] = matrices ? ['MatMul', 'transpose_a', 'transpose_b'] : ['BatchMatMulV2', 'adj_x', 'adj_y'];
    const narrow = productPrecision() === 'bfloat16' && a.dtype === 'float32' && b.dtype === 'float32';
    const opAttrs = [
      { name: 'T', type: AttrType.type, value: narrow ? DataType.bfloat16 : native.getDTypeInteger(a.dtype) },
      { name: ofA!, type: AttrType.bool, value: transposeA },
      { name: ofB!, type: AttrType.bool, value: transposeB },
    ];
    if (!narrow) return native.executeSingleOutput(op!, opAttrs, [a, b]);
    const given = native.ids([a, b]);
    const read = given.map((id) => native.native.converted(id, DataType.bfloat16));
    const [product] = native.native.executeOp(op!, opAttrs, read, 1);
    for (const [i, id] of read.entries()) if (id !== given[i]) native.native.deleteTensor(id);
    return native.tensorOf(product!);
  };
  tf.unregisterKernel(place.kernelName, place.backendName);
  tf.registerKernel({ ...place, kernelFunc });
}
