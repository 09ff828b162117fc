import type * as tf from '@tensorflow/tfjs';
import type { Adaptation, Hidden } from './adaptation.js';
import type { Tokenizer } from './tokenizer.js';

/** Tensors by their Hugging Face name. Linear weights keep PyTorch's [out, in] layout where the checkpoint has it. */
export type Weights = Readonly<Record<string, tf.Tensor>>;

/** Token ids int32 [N, T], right-padded, and which are text, float32 [N, T]. */
export interface TokenBatch {
  ids: tf.Tensor2D;
  mask: tf.Tensor2D;
}

interface Common {
  readonly config: string; // config.json, as it is written: 1.0 and 1 are not the same to transformers
  readonly hash: string; // sha256 over config and weights: the backbone's identity
  readonly folder: string;
  readonly weights: Weights; // on the device, owned by the model, freed by dispose()
  readonly tokenizer: Tokenizer;
  readonly dModel: number;
  readonly vocabularySize: number;
  readonly maxPositions: number | null; // null: no limit (relative positions)
  readonly parameterCount: number;
  /** Input embedding matrix [V, D]. */
  inputEmbedding(weights: Weights): tf.Tensor2D;
  /** Final encoder states. Pure in its arguments: `weights` may be trainable stand-ins for this.weights. */
  encode(weights: Weights, batch: TokenBatch, adaptation?: Adaptation): Hidden;
  dispose(): void;
}

export interface GenerateOptions {
  maxTokens: number; // generated ones, the end among them
  beams: number; // 1: greedy
  lengthPenalty: number; // a text scores sum(log p) / length^lengthPenalty, its end included; without effect where beams = 1
}

/** BERT and its kin: text -> states -> one pooled vector. */
export interface EncoderModel extends Common {
  readonly kind: 'encoder';
  /** Masked mean over the text's own tokens (virtual tokens in front are left out), [N, D]; sentence-transformers' pooling. */
  pool(encoded: Hidden, batch: TokenBatch): tf.Tensor2D;
}

/** T5 and its kin. */
export interface EncoderDecoderModel extends Common {
  readonly kind: 'encoder-decoder';
  readonly decoderStartId: number;
  readonly endId: number;
  /** Teacher-forced logits [N, U, V] for decoder inputs int32 [N, U] (already shifted right). */
  decode(weights: Weights, encoded: Hidden, decoderIds: tf.Tensor2D, adaptation?: Adaptation): tf.Tensor3D;
  /** Greedy (beams = 1) or beam decoding with a key-value cache; ids without start and end, one array a row. */
  generate(weights: Weights, batch: TokenBatch, options: GenerateOptions, adaptation?: Adaptation): number[][];
  /** The same from final encoder states, however they were computed (by a compiled step, say). */
  generateFrom(weights: Weights, encoded: Hidden, options: GenerateOptions, adaptation?: Adaptation): number[][];
}

export type Model = EncoderModel | EncoderDecoderModel;
