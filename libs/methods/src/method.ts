import type * as tf from '@tensorflow/tfjs';
import type { Method } from '#contracts/method.js';
import type { SizeKnob } from '#contracts/sharing.js';
import type { Draws } from '#engine/ops/dropout.js';
import type { Adaptation } from '#models/adaptation.js';
import type { Weights } from '#models/batch.js';
import type { Model } from '#models/model.js';
import type { FrozenPart } from './members/frozen-part.js';
import type { PaddedSizes, Shapes } from './members/shapes.js';

/** Trainable tensors by name. In the loop every one carries a leading member axis [G, ...]; `init` makes one
 *  member's, without it. */
export type Parameters = Record<string, tf.Tensor>;

/** What of the task a method may see: the label words (verbalizers), never the examples. */
export interface LabelSpace {
  words: string[]; // one per class, in class order
}

/** What one forward pass is given. */
export interface Pass<M extends Method> {
  config: M; // of the first member; knobs that shape the graph are the same throughout a gang
  model: Model; // for its shape; its tensors belong to no step
  frozen: Weights; // the weights in use: what freeze() or the model gives, as arguments of the step
  parameters: Parameters; // [G, ...]
  constants: Parameters; // of fixed() and constants()
  members: number; // G
  draws?: Draws; // for dropout; present only while training
}

/** A text with more than its own tokens. */
export interface Reading {
  extra: number; // tokens beyond the text's own, at most
  /** Token ids; -1 - k for slot k. The text is cut so that no more than maxLength + extra come out. */
  read(text: string, maxLength: number): number[];
  maskId?: number; // the token whose place is the label's, for a masked language model
}

export interface AfterStep {
  gradients: Parameters;
  state: Parameters; // what extraState began
  step: tf.Scalar; // from 1
  steps: tf.Scalar; // of the whole training
}

/** One member's parameters as PEFT's adapter_config.json and adapter_model.safetensors hold them. */
export interface PeftLayout<M extends Method> {
  readonly type: string; // peft_type
  /** Whether files of that type are read as this method's, where several share it; absent: they are. */
  reads?(written: Record<string, unknown>): boolean;
  /** Whether PEFT can answer as this config does; absent: always. */
  carries?(config: M, model: Model): boolean;
  /** The fields of the method's own; those that every adapter has are added by saveAdapter. */
  config(config: M, model: Model): Record<string, unknown>;
  /** Tensors by their name in the file: the parameters' own, not copies, or made ones, which the caller
   *  frees. */
  tensors(parameters: Parameters, config: M, model: Model): Parameters;
  /** The way back. Throws where a tensor is missing or misshapen. */
  parameters(
    tensors: Parameters,
    config: Record<string, unknown>,
    model: Model,
  ): { config: M; parameters: Parameters };
}

/** A PEFT method, one file each. `M` is its config. */
export interface MethodImplementation<M extends Method> {
  /** Throws an Error naming the knob where this config can't be carried by this model. */
  check(config: M, model: Model): void;
  /** Shapes of what one member trains, in the order of `init`. Counts, stacking and padding follow from them
   *  (members/stacking.ts); the axes of a size knob are named after it. */
  shapes(config: M, model: Model, labels: LabelSpace): Shapes<SizeKnob<M>>;
  /** One member's parameters from its seed. The caller owns the tensors. */
  init(config: M, model: Model, labels: LabelSpace, seed: number): Parameters;
  /** Fixed tensors of the model's shape that all members read, made once and given to `adapt` among the
   *  constants (random projections, say). The caller owns them. */
  fixed?(config: M, model: Model): Parameters;
  /** Fixed tensors [G, ...] of what members differ in, for the same place: factors, and which of the padding
   *  is their own. */
  constants?(configs: readonly M[], sizes: PaddedSizes<SizeKnob<M>>): Parameters;
  /** Larger sizes that a knob is padded to while there is room, so that trials of more sizes share a compiled
   *  step. */
  readonly buckets?: { readonly [K in SizeKnob<M>]?: (size: number) => number };
  /** The hooks for one forward pass; rows of the batch are member-major: row = member * batch + example. */
  adapt(pass: Pass<M>): Adaptation;
  /** The backbone's weights with trained ones in place; the identity for methods that leave it frozen. */
  weights(frozen: Weights, parameters: Parameters, config: M): Weights;
  /** What stands in for model.weights in the step where the method keeps them in another form (QLoRA's 4-bit
   *  blocks), trains them all (none are left) or reads a part of them (a head); absent: model.weights. */
  freeze?(config: M, model: Model): Parameters;
  /** Added to each member's loss [G] (AdaLoRA's orthogonality). */
  penalty?(pass: Pass<M>): tf.Tensor1D;
  /** What the method keeps beside the stacked parameters and changes in the step, named after a parameter
   *  with one of tune-steps' suffixes. */
  extraState?(parameters: Parameters): Parameters;
  /** Behind the optimizer's update, inside the step: `pass` has the new parameters, `gradients` those of the
   *  old (AdaLoRA's allocation). */
  afterStep?(pass: Pass<M>, after: AfterStep): { parameters: Parameters; state: Parameters };
  /** The weights that a plain model needs instead of its own to answer as the adapted one does, by name; the
   *  caller owns them. Absent: they can't be merged. */
  merge?(config: M, model: Model, parameters: Parameters): Parameters;
  /** What is needed after training and the config that reads it so (no MLP, no prompt encoder), answering as
   *  before; absent: all of it. The tensors are the parameters' own, not copies, or made ones, which the
   *  caller frees. */
  fold?(config: M, model: Model, parameters: Parameters): { config: M; parameters: Parameters };
  /** How a text becomes tokens where it is not by the tokenizer alone (slots of a template). */
  reading?(config: M, model: Model): Reading | undefined;
  /** True where only the head is trained: what it reads is the same at every step, and is computed once. */
  readonly headAlone?: boolean;
  /** What need not be computed at every step; absent, or undefined: the method trains at the text's
   *  embeddings or in the first layer. */
  frozenBelow?(config: M, model: Model): FrozenPart | undefined;
  /** The method's files as Hugging Face PEFT writes and reads them, where PEFT has the method. */
  readonly peft?: PeftLayout<M>;
}
