import * as tf from '@tensorflow/tfjs';
import { NodeJSKernelBackend } from '@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend';
import type { Binding } from './binding.js';
import type { TensorMetadata } from './types.js';
import { AttrType, DataType } from './c-api.js';

interface TensorEntry {
  shape: number[];
  dtype: number;
  values: ArrayLike<number> | null; // still on the JavaScript side
  id: number;
}

/** What of tfjs-node's backend is private in its types and needed here. */
interface Internals {
  tensorMap: { get(dataId: object): TensorEntry };
  createOutputTensor(metadata: TensorMetadata): tf.Tensor;
  getInputTensorIds(tensors: readonly tf.TensorInfo[]): number[];
}

/** tfjs-node's kernels on our binding. While a step is traced, tensors whose values are still in JavaScript
 *  may only be used when they were made inside the trace: others would be frozen into the step unseen. */
export class NativeBackend extends NodeJSKernelBackend {
  private madeInTrace: WeakSet<object> | undefined;

  constructor(readonly native: Binding) {
    super(native as never, '@tensorflow/tfjs-node-gpu');
    const internals = this as unknown as Internals;
    const inputIds = internals.getInputTensorIds.bind(this);
    internals.getInputTensorIds = (tensors) => {
      if (this.madeInTrace) for (const tensor of tensors) this.refuseCaptured(tensor);
      return inputIds(tensors);
    };
    const output = internals.createOutputTensor.bind(this);
    internals.createOutputTensor = (metadata) => {
      if (metadata.dtype !== DataType.bfloat16) return output(metadata);
      const tensor = output({ ...metadata, dtype: DataType.float });
      internals.tensorMap.get(tensor.dataId).dtype = DataType.bfloat16;
      return tensor;
    };
  }

  /** Numbers the binding knows these tensors by; uploads values that are still in JavaScript. */
  ids(tensors: readonly tf.TensorInfo[]): number[] {
    return (this as unknown as Internals).getInputTensorIds(tensors);
  }

  /** What the binding knows this tensor by, its shape and the type in which it is stored. */
  metadata(tensor: tf.TensorInfo): TensorMetadata {
    const dtype = this.isNarrow(tensor) ? DataType.bfloat16 : this.getDTypeInteger(tensor.dtype);
    return { id: this.ids([tensor])[0]!, shape: tensor.shape, dtype };
  }

  /** Whether what tfjs calls float32 is stored in bfloat16. */
  isNarrow({ dataId }: tf.TensorInfo): boolean {
    return (this as unknown as Internals).tensorMap.get(dataId).dtype === DataType.bfloat16;
  }

  /** A tensor over something the binding knows; the active tidy owns it. */
  tensorOf(metadata: TensorMetadata): tf.Tensor {
    return (this as unknown as Internals).createOutputTensor(metadata);
  }

  /** This tensor in a variable, or, where others share its value, a new one of the same value. Takes over the
   *  tensor. */
  held(tensor: tf.Tensor): tf.Tensor {
    const own = this.refCount(tensor.dataId) > 1 ? this.copied(tensor) : tensor;
    if (own !== tensor) tensor.dispose();
    this.native.variables.hold(this.metadata(own));
    return own;
  }

  private copied(tensor: tf.Tensor): tf.Tensor {
    const attrs = [{ name: 'T', type: AttrType.type, value: this.getDTypeInteger(tensor.dtype) }];
    return this.executeSingleOutput('Identity', attrs, [tensor]);
  }

  /** Runs `body` with ops being recorded. */
  whileTracing<T>(body: () => T): T {
    this.madeInTrace = new WeakSet();
    try {
      return body();
    } finally {
      this.madeInTrace = undefined;
    }
  }

  override move(dataId: object, values: never, shape: number[], dtype: tf.DataType, refCount: number): void {
    this.madeInTrace?.add(dataId);
    super.move(dataId, values, shape, dtype, refCount);
  }

  private refuseCaptured(tensor: tf.TensorInfo): void {
    const entry = (this as unknown as Internals).tensorMap.get(tensor.dataId);
    if (entry.values === null || this.madeInTrace?.has(tensor.dataId)) return;
    throw new Error(
      `the step uses a tensor of shape [${tensor.shape.join(', ')}] that is neither its argument nor made in it: pass it as one`,
    );
  }
}

/** The running native backend. Throws where startEngine has not run. */
export function nativeBackend(): NativeBackend {
  const backend = tf.backend();
  if (!(backend instanceof NativeBackend))
    throw new Error('the native engine is not running; call startEngine first');
  return backend;
}

/** Whether ops run on the native library (and not on tfjs's own JavaScript backend, which unit tests use). */
export function isNative(): boolean {
  return tf.getBackend() === 'tensorflow';
}
