import type * as tf from '@tensorflow/tfjs';

/** Hidden states [N, T, D] and which of their positions may be attended to, [N, T] with 1 = yes. N = members x batch, member-major. */
export interface Hidden {
  states: tf.Tensor3D;
  mask: tf.Tensor2D;
}

/** Where an attention sits. `layer` counts from 0 in its stack. */
export interface AttentionSite {
  stack: 'encoder' | 'decoder';
  kind: 'self' | 'cross';
  layer: number;
}

/** What a PEFT method does to a forward pass. A model calls these hooks at fixed places, so that a method never edits a model
 *  and a model never knows a method. Every hook is optional; an absent one costs nothing. */
export interface Adaptation {
  /** Input embeddings before the first layer and before positions are added: prompt tuning, P-tuning v1. */
  embeddings?(x: Hidden, stack: 'encoder' | 'decoder'): Hidden;
  /** Keys and values [N, heads, P, dKv] put in front of a layer's own, with their mask [N, P]: prefix tuning, P-tuning v2. */
  keyValues?(site: AttentionSite): { keys: tf.Tensor4D; values: tf.Tensor4D; mask: tf.Tensor2D } | undefined;
  /** After a named linear map y = xW + b; x and y are [N, T, in] and [N, T, out]; `name` is the weight's Hugging Face module name. LoRA, IA3, BitFit. */
  linear?(name: string, x: tf.Tensor3D, y: tf.Tensor3D): tf.Tensor3D;
  /** A sublayer's output before the residual is added; x is the sublayer's input, normalised where the model norms first. `name` is
   *  Hugging Face's: "encoder.layer.0.attention" and "encoder.layer.0.output" (BERT), "decoder.block.0.layer.1" (T5).
   *  Adapters (Houlsby, Pfeiffer, parallel). */
  sublayer?(name: string, x: tf.Tensor3D, y: tf.Tensor3D): tf.Tensor3D;
  /** Pooled final states [N, D] -> class logits [N, C]: classification heads. */
  head?(pooled: tf.Tensor2D): tf.Tensor2D;
}
