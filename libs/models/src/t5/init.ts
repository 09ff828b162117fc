import type { T5Size } from '#contracts/backbone.js';
import { HostRandom } from '#engine/host-random.js';
import type { StoredTensor } from '../weights/safetensors.js';
import { T5Config, t5Shapes } from './t5-config.js';

/** The config.json of a T5 v1.1 of this size. */
export function t5ConfigOf(size: T5Size, vocabularySize: number): T5Config {
  return T5Config.parse({
    model_type: 't5',
    vocab_size: vocabularySize,
    d_model: size.dModel,
    d_kv: size.dKv,
    d_ff: size.dFf,
    num_layers: size.layers,
    num_decoder_layers: size.decoderLayers ?? size.layers,
    num_heads: size.heads,
    feed_forward_proj: 'gated-gelu',
    tie_word_embeddings: size.tiedHead,
  });
}

/** Random weights with the scales of Mesh TensorFlow's T5 v1.1: embeddings N(0, 1), the head N(0, 1/d_model),
 *  queries N(0, 1/(d_model d_kv)), other maps N(0, 1/fan-in), norms 1. */
export function initT5(c: T5Config, seed: number): Map<string, StoredTensor> {
  const tensors = new Map<string, StoredTensor>();
  for (const [name, shape] of Object.entries(t5Shapes(c))) {
    const random = new HostRandom(seed, name);
    const deviation = standardDeviation(c, name);
    const size = shape.reduce((a, b) => a * b, 1);
    const values = Float32Array.from({ length: size }, () =>
      deviation === 0 ? 1 : deviation * random.normal(),
    );
    tensors.set(name, { shape, values });
  }
  return tensors;
}

function standardDeviation(c: T5Config, name: string): number {
  if (name.includes('layer_norm')) return 0;
  if (name === 'shared.weight') return 1;
  if (name.endsWith('.q.weight')) return (c.d_model * c.d_kv) ** -0.5;
  if (name.endsWith('Attention.o.weight')) return (c.num_heads * c.d_kv) ** -0.5;
  if (name.endsWith('.wo.weight')) return c.d_ff ** -0.5;
  return c.d_model ** -0.5;
}
