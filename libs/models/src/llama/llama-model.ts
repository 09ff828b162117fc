import type { z } from 'zod';
import { decoderModel } from '../decoder.js';
import type { DecoderModel } from '../model.js';
import {
  checkDepth,
  common,
  configOf,
  leaveOut,
  type StoredModel,
  withoutTiedHead,
} from '../stored-model.js';
import { expectTensors } from '../weights/expect.js';
import { llamaFamily } from './llama.js';
import {
  checkLlama,
  LlamaConfig,
  llamaShapes,
  longestText,
  MistralConfig,
  othersOf,
  Qwen2Config,
} from './llama-config.js';
import { llamaModules } from './llama-modules.js';

const schemas = { llama: LlamaConfig, mistral: MistralConfig, qwen2: Qwen2Config };

/** LLaMA, and Mistral and Qwen2, which differ from it in a window and in biases. */
export function llamaModel(stored: StoredModel): DecoderModel {
  const type = (stored.config as { model_type: keyof typeof schemas }).model_type;
  const c: LlamaConfig = configOf<z.ZodObject>(schemas[type], othersOf[type], stored) as LlamaConfig;
  checkDepth(stored, { num_hidden_layers: c.num_hidden_layers });
  checkLlama(c, stored.path);
  const tensors = new Map([...stored.tensors].map(([name, t]) => [withPrefix(name), t]));
  // follows from the config
  for (const name of tensors.keys()) if (name.endsWith('.rotary_emb.inv_freq')) tensors.delete(name);
  leaveOut(stored, tensors, (name) => otherTasks.test(name));
  if (c.tie_word_embeddings)
    withoutTiedHead(stored, tensors, { head: 'lm_head.weight', tied: 'model.embed_tokens.weight' });
  expectTensors(stored.folder, tensors, llamaShapes(c));
  return {
    family: 'llama',
    ...common(stored, tensors, c.vocab_size, (name) => name !== 'lm_head.weight'),
    ...decoderModel(llamaFamily(c), longestText(c)),
    modules: llamaModules(c),
    dModel: c.hidden_size,
    maxPositions: longestText(c),
  };
}

const otherTasks = /^(score|classifier|qa_outputs)\./;

/** The bare LlamaModel lacks "model.". */
const withPrefix = (name: string): string =>
  /^(embed_tokens|layers|norm)\./.test(name) ? `model.${name}` : name;
