import type * as tf from '@tensorflow/tfjs';

/** Tensors by their Hugging Face name. Linear weights keep PyTorch's [out, in] layout where the checkpoint
 *  has it. */
export type Weights = Readonly<Record<string, tf.Tensor>>;

/** Token ids int32 [N, T], padded on either side (encoders: on the right), and which are text, float32 [N,
 *  T]. */
export interface TokenBatch {
  ids: tf.Tensor2D;
  mask: tf.Tensor2D;
  types?: tf.Tensor2D; // token types int32 [N, T] where the model has them; absent: all 0
}

/** Those of one family share code and module names: mT5 is a T5, Mistral and Qwen2 are LLaMAs. */
