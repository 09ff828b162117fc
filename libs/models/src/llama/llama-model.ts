import { decoderModel } from '../decoder.js';
import type { DecoderModel } from '../model.js';
import { common, configOf, type StoredModel, withoutTiedHead } from '../stored-model.js';
import { expectTensors } from '../weights/expect.js';
import { llamaFamily } from './llama.js';
import { LlamaConfig, llamaShapes } from './llama-config.js';
import { llamaModules } from './llama-modules.js';

export function llamaModel(stored: StoredModel): DecoderModel {
  const c = configOf(LlamaConfig, stored);
  const tensors = new Map(stored.tensors);
  for (const name of tensors.keys()) if (name.endsWith('.rotary_emb.inv_freq')) tensors.delete(name); // follows from the config
  if (c.tie_word_embeddings) withoutTiedHead(stored, tensors, { head: 'lm_head.weight', tied: 'model.embed_tokens.weight' });
  expectTensors(stored.folder, tensors, llamaShapes(c));
  return {
    family: 'llama',
    ...common(stored, tensors, c.vocab_size, (name) => name !== 'lm_head.weight'),
    ...decoderModel(llamaFamily(c)),
    modules: llamaModules(c),
    dModel: c.hidden_size,
    maxPositions: c.max_position_embeddings,
  };
}
