import * as tf from '@tensorflow/tfjs';
import { activate, type Activation } from '../activation.js';
import type { Adaptation, Hidden } from '../adaptation.js';
import { headLogits, linearMap, normMap, weightOf } from '../linear-map.js';
import type { TokenBatch, Weights } from '../batch.js';
import { lastPositions } from '../past.js';
import type { PostNormConfig } from './encoder.js';

/** Names of the masked-language-model head's parts, and the activation within it. */
export interface MaskHead {
  dense: string;
  norm: string;
  bias: string;
  decoder: string;
  activation: Activation;
}

export const bertMaskHead = (activation: Activation): MaskHead => ({
  dense: 'cls.predictions.transform.dense',
  norm: 'cls.predictions.transform.LayerNorm',
  bias: 'cls.predictions.bias',
  decoder: 'cls.predictions.decoder',
  activation,
});

/** RoBERTa's and MPNet's, whose activation is that whatever hidden_act says. */
export const robertaMaskHead: MaskHead = {
  dense: 'lm_head.dense',
  norm: 'lm_head.layer_norm',
  bias: 'lm_head.bias',
  decoder: 'lm_head.decoder',
  activation: 'gelu',
};

/** The name of the bias that is added to the logits. An untied decoder has its own; what checkpoints of
 *  transformers 4 call the head's bias is the same tensor there. */
export function outputBias(c: PostNormConfig, { bias, decoder }: MaskHead): string {
  return c.tie_word_embeddings ? bias : `${decoder}.bias`;
}

export function maskHeadShapes(c: PostNormConfig, head: MaskHead): Record<string, number[]> {
  const { dense, norm, decoder } = head;
  const d = c.hidden_size;
  return {
    [`${dense}.weight`]: [d, d],
    [`${dense}.bias`]: [d],
    [`${norm}.weight`]: [d],
    [`${norm}.bias`]: [d],
    [outputBias(c, head)]: [c.vocab_size],
    ...(!c.tie_word_embeddings && { [`${decoder}.weight`]: [c.vocab_size, d] }),
  };
}

export function poolerShapes({ hidden_size: d }: PostNormConfig): Record<string, number[]> {
  return { 'pooler.dense.weight': [d, d], 'pooler.dense.bias': [d] };
}

/** tanh(W h + b) of the first text token's state (Devlin et al. 2019), [N, D]. */
export function firstTokenPooler(
  w: Weights,
  { states }: Hidden,
  batch: TokenBatch,
  adaptation?: Adaptation,
): tf.Tensor2D {
  const text = lastPositions(states, batch.ids.shape[1]);
  const first = tf.slice(text, [0, 0, 0], [-1, 1, -1]);
  return tf.squeeze(tf.tanh(linearMap(w, 'pooler.dense', first, adaptation)), [1]);
}

/** Logits [N, T, V] of the text's positions: dense, activation, norm, and the word embeddings with a bias of
 *  their own. */
export function maskLogits(
  { config: c, head }: { config: PostNormConfig; head: MaskHead },
  w: Weights,
  { states }: Hidden,
  { batch, adaptation }: { batch: TokenBatch; adaptation: Adaptation | undefined },
): tf.Tensor3D {
  const text = lastPositions(states, batch.ids.shape[1]);
  const h = activate(head.activation, linearMap(w, head.dense, text, adaptation));
  const normed = normMap(w, head.norm, h, c.layer_norm_eps, adaptation);
  const logits = headLogits(
    w,
    { name: head.decoder, tied: 'embeddings.word_embeddings.weight' },
    normed,
    adaptation,
  );
  return tf.add(logits, weightOf(w, outputBias(c, head)));
}
