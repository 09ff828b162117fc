import type * as tf from '@tensorflow/tfjs';
import type { Family as KnownFamily } from '#contracts/family.js';
import type { Precision } from '#contracts/precision.js';
import type { Adaptation, Hidden } from './adaptation.js';
import type { TokenBatch, Weights } from './batch.js';
import type { Writing } from './generate/writing.js';
import type { Modules } from './modules.js';
import type { Past } from './past.js';
import type { Tokenizer } from './tokenizer.js';
import type { StoredTensor } from './weights/safetensors.js';

export type Family = KnownFamily;

interface Common {
  readonly family: Family;
  readonly config: string; // config.json, as it is written: 1.0 and 1 are not the same to transformers
  readonly hash: string; // sha256 over config and weights: the backbone's identity
  readonly folder: string;
  // what the folder has and nothing here reads: fields of config.json, tensors of other heads
  readonly unread: readonly string[];
  readonly precision: Precision; // in which its matrices are held
  readonly weights: Weights; // on the device, owned by the model, freed by dispose()
  readonly encoderWeights: Weights; // those of them that encode() reads
  readonly tokenizer: Tokenizer;
  readonly dModel: number;
  readonly vocabularySize: number;
  readonly maxPositions: number | null; // null: no limit (relative positions)
  readonly parameterCount: number;
  readonly shapes: Readonly<Record<string, readonly number[]>>; // of the weights, set aside or not
  readonly modules: Modules; // what a method can take hold of
  /** Input embedding matrix [V, D]. */
  inputEmbedding(weights: Weights): tf.Tensor2D;
  /** Final encoder states. Pure in its arguments: `weights` may be trainable stand-ins for this.weights. */
  encode(weights: Weights, batch: TokenBatch, adaptation?: Adaptation): Hidden;
  /** A weight in float32 as the folder has it, whatever the precision that it is held in: what training
   *  starts from. The caller owns it. */
  original(name: string): tf.Tensor;
  /** Frees weights that nobody needs for now; asked for, they are read from the folder again. */
  setAside(names: Iterable<string>): void;
  dispose(): void;
}

/** BERT and its kin: text -> states -> one pooled vector. */
export interface EncoderModel extends Common {
  readonly kind: 'encoder';
  /** Of the text's own tokens (virtual tokens in front are left out), [N, D]: as a sentence encoder's folder
   *  says, else their masked mean. */
  pool(encoded: Hidden, batch: TokenBatch): tf.Tensor2D;
  /** tanh of a linear map of the first text token's state, [N, D]: the pooler that BERT was trained with;
   *  where the weights have it. */
  pooler?(weights: Weights, encoded: Hidden, batch: TokenBatch, adaptation?: Adaptation): tf.Tensor2D;
  /** The pooler's weight [D, D] and bias [D] as the folder has them, kept among `weights` or not: what a head
   *  begins with. */
  readonly storedPooler?: { weight: StoredTensor; bias: StoredTensor };
  /** Masked-language-model logits [N, T, V] of the text's positions; where the weights have that head. */
  maskLogits?(weights: Weights, encoded: Hidden, batch: TokenBatch, adaptation?: Adaptation): tf.Tensor3D;
}

/** Final states of what a decoder has read, virtual positions among them, and what tokens behind it need of
 *  it. */
export interface Read extends Hidden {
  past: Past;
}

/** GPT-2, LLaMA: a text is continued. encode() gives final states, virtual positions among them; the
 *  embeddings hook's stack is 'decoder'. */
export interface DecoderModel extends Common {
  readonly kind: 'decoder';
  readonly endId: number;
  /** The final state of each row's last token, [N, D]. */
  pool(encoded: Hidden, batch: TokenBatch): tf.Tensor2D;
  /** Reads a text, padded on either side, of which tokens are to follow. The embeddings and memory hooks see
   *  the text, and not what follows. */
  read(weights: Weights, batch: TokenBatch, adaptation?: Adaptation): Read;
  /** Final states [N, U, D] of tokens behind what was read. */
  follow(weights: Weights, batch: TokenBatch, past: Past, adaptation?: Adaptation): tf.Tensor3D;
  /** Logits [N, T, V] for the token behind each of final states [N, T, D]. */
  logits(weights: Weights, states: tf.Tensor3D, adaptation?: Adaptation): tf.Tensor3D;
  /** Logits [N, T, V] for the token behind each of the text's. */
  decode(weights: Weights, batch: TokenBatch, adaptation?: Adaptation): tf.Tensor3D;
  /** What follows a text; padding may be on either side. */
  readonly writing: Writing;
}

/** T5 and its kin. */
export interface EncoderDecoderModel extends Common {
  readonly kind: 'encoder-decoder';
  readonly decoderStartId: number;
  readonly endId: number;
  /** Teacher-forced logits [N, U, V] for decoder inputs int32 [N, U] (already shifted right). */
  decode(weights: Weights, encoded: Hidden, decoderIds: tf.Tensor2D, adaptation?: Adaptation): tf.Tensor3D;
  /** Final decoder states [N, U, D] for the same, which a head reads. */
  decoderStates(
    weights: Weights,
    encoded: Hidden,
    decoderIds: tf.Tensor2D,
    adaptation?: Adaptation,
  ): tf.Tensor3D;
  readonly writing: Writing;
}

export type Model = EncoderModel | EncoderDecoderModel | DecoderModel;
