import type * as tf from '@tensorflow/tfjs';

/** Hidden states [N, T, D] and which of their positions may be attended to, [N, T] with 1 = yes. N = members
 *  x batch, member-major. */
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

/** What a PEFT method does to a forward pass. A model calls these hooks at fixed places, so that a method
 *  never edits a model and a model never knows a method. Every hook is optional; an absent one costs nothing.
 */
export interface Adaptation {
  /** Input embeddings before the first layer and before positions are added: prompt tuning, P-tuning v1.
   *  `ids` int32 [N, T] are the tokens they are of; a negative id is a slot, whose embedding means nothing
   *  until the hook puts one there. */
  embeddings?(x: Hidden, stack: 'encoder' | 'decoder', ids: tf.Tensor2D): Hidden;
  /** Position ids int32 [N or 1, T] before learned positions are looked up or rotations made; Hugging Face
   *  peft lets a text's positions begin behind its prefix. T5 has none. */
  positions?(ids: tf.Tensor2D, rows: number, stack: 'encoder' | 'decoder'): tf.Tensor2D;
  /** Keys and values [N, heads, P, dKv] put in front of a layer's own, with their mask [N, P]: prefix tuning,
   *  P-tuning v2. `heads` counts the key-value heads where queries share them (LLaMA). */
  keyValues?(
    site: AttentionSite,
    rows: number,
  ): { keys: tf.Tensor4D; values: tf.Tensor4D; mask: tf.Tensor2D } | undefined;
  /** Relative positions that a stack's `keyValues` take in front of its text, as many as they are (T5);
   *  absent or 0: they stand nowhere, and no bias is added to their scores. */
  inFront?(stack: 'encoder' | 'decoder'): number;
  /** Keys and values [N, heads, T, dKv] that a layer has just computed, rotations made, before cached ones
   *  and those of `keyValues` stand in front of them: to be read, or others in their place. Infix tuning;
   *  prefixes that begin as real words. */
  memory?(
    site: AttentionSite,
    own: { keys: tf.Tensor4D; values: tf.Tensor4D },
  ): { keys: tf.Tensor4D; values: tf.Tensor4D };
  /** What a named linear map reads, [N, T, in]; it goes into the map and into `linear` as changed here. IA3
   *  on the feed-forward. */
  input?(name: string, x: tf.Tensor3D): tf.Tensor3D;
  /** After a named linear map y = xW + b; x and y are [N, T, in] and [N, T, out]; `name` is the weight's
   *  Hugging Face module name. LoRA, IA3, BitFit. */
  linear?(name: string, x: tf.Tensor3D, y: tf.Tensor3D): tf.Tensor3D;
  /** After a named LayerNorm, its bias added: y [N, T, D]. BitFit. */
  norm?(name: string, y: tf.Tensor3D): tf.Tensor3D;
  /** A sublayer's output before the residual is added; x is the sublayer's input, normalised where the model
   *  norms first. `name` is Hugging Face's: "encoder.layer.0.attention" and "encoder.layer.0.output" (BERT),
   *  "decoder.block.0.layer.1" (T5), "transformer.h.0.attn" and "transformer.h.0.mlp" (GPT-2),
   *  "model.layers.0.self_attn" and "model.layers.0.mlp" (LLaMA), "model.encoder.layers.0.self_attn",
   *  "model.decoder.layers.0.encoder_attn" and "….fc2" (BART). Adapters (Houlsby, Pfeiffer, parallel). */
  sublayer?(name: string, x: tf.Tensor3D, y: tf.Tensor3D): tf.Tensor3D;
  /** Values of the backbone's own at a place where transformers drops some while training: embeddings, the
   *  weights of an attention, a sublayer's output in front of `sublayer`. Each place has a name of its own.
   */
  dropped?(at: string, x: tf.Tensor): tf.Tensor;
  /** Pooled final states [N, D] -> class logits [N, C]: classification heads. Tagging heads read every
   *  token's, [N * T, D]. */
  head?(pooled: tf.Tensor2D): tf.Tensor2D;
  /** No hook, and no method's: states [N, T, D] in front of a layer of the stack that reads the text,
   *  computed before. Embeddings, positions and the layers below are left out. Tokens can't follow such a
   *  text: they would look at its lower layers. */
  begin?: { layer: number; states: tf.Tensor3D };
  /** Likewise: that stack ends in front of this layer, its final norm left out; encode() gives what `begin`
   *  goes on from. */
  end?: number;
}

/** x past the dropout at a place. */
export const dropped = <T extends tf.Tensor>(adaptation: Adaptation | undefined, at: string, x: T): T =>
  (adaptation?.dropped?.(at, x) ?? x) as T;

/** The dropout of an attention's weights, as an option of attention(). */
export function droppedWeights(
  adaptation: Adaptation | undefined,
  at: string,
): { dropped?: (weights: tf.Tensor) => tf.Tensor } {
  const drop = adaptation?.dropped;
  return drop ? { dropped: (weights) => drop(`${at} weights`, weights) } : {};
}
