import { BartConfig, bartShapes } from '#models/bart/bart-config.js';
import { bartModules } from '#models/bart/bart-modules.js';
import { BertConfig, bertModules, bertShapes } from '#models/bert/bert-config.js';
import { Gpt2Config, gpt2Shapes } from '#models/gpt2/gpt2-config.js';
import { gpt2Modules } from '#models/gpt2/gpt2-modules.js';
import { LlamaConfig, llamaShapes } from '#models/llama/llama-config.js';
import { llamaModules } from '#models/llama/llama-modules.js';
import type { Modules } from '#models/modules.js';
import { initT5 } from '#models/t5/init.js';
import { T5Config, t5Shapes } from '#models/t5/t5-config.js';
import { t5Modules } from '#models/t5/t5-modules.js';
import { keptBackbone, randomTensor } from './backbone.js';
import type { BenchFamily, FamilyShape } from './method-shapes.js';

/** A backbone as far as its config says it. */
export interface BackbonePlan {
  config: object; // config.json
  shapes: Record<string, number[]>;
  modules: Modules;
}

/** The folder of a random backbone of that shape, written on first use. */
export function methodBackbone(home: string, s: FamilyShape): string {
  const name = `${s.family}-d${s.dModel}-l${s.layers}-v${s.vocabulary}`;
  return keptBackbone(home, name, () => {
    const { config, shapes } = backbonePlan(s);
    if (s.family === 't5') return { config, weights: initT5(config as T5Config, 7) };
    return {
      config,
      weights: new Map(Object.entries(shapes).map(([n, shape]) => [n, randomTensor(n, shape)])),
    };
  });
}

export const backbonePlan = (s: FamilyShape): BackbonePlan => plans[s.family](s);

const ids = { bos_token_id: 0, pad_token_id: 0, eos_token_id: 1 };

const plans: Record<BenchFamily, (s: FamilyShape) => BackbonePlan> = {
  t5(s) {
    const config = T5Config.parse({
      model_type: 't5',
      vocab_size: s.vocabulary,
      d_model: s.dModel,
      d_kv: s.dHead,
      d_ff: s.dFf,
      num_layers: s.layers,
      num_heads: s.heads,
      feed_forward_proj: 'gated-gelu',
      tie_word_embeddings: false,
    });
    return { config, shapes: t5Shapes(config), modules: t5Modules(config) };
  },
  gpt2(s) {
    const config = Gpt2Config.parse({
      ...ids,
      model_type: 'gpt2',
      vocab_size: s.vocabulary,
      n_positions: s.positions,
      n_embd: s.dModel,
      n_layer: s.layers,
      n_head: s.heads,
      n_inner: s.dFf,
    });
    return { config, shapes: gpt2Shapes(config), modules: gpt2Modules(config) };
  },
  bert(s) {
    const config = BertConfig.parse({
      model_type: 'bert',
      vocab_size: s.vocabulary,
      hidden_size: s.dModel,
      num_hidden_layers: s.layers,
      num_attention_heads: s.heads,
      intermediate_size: s.dFf,
      max_position_embeddings: s.positions,
    });
    return { config, shapes: bertShapes(config), modules: bertModules(config) };
  },
  llama(s) {
    const config = LlamaConfig.parse({
      ...ids,
      model_type: 'llama',
      vocab_size: s.vocabulary,
      hidden_size: s.dModel,
      intermediate_size: s.dFf,
      num_hidden_layers: s.layers,
      num_attention_heads: s.heads,
      num_key_value_heads: s.keyValueHeads,
      max_position_embeddings: s.positions,
      tie_word_embeddings: true,
    });
    return { config, shapes: llamaShapes(config), modules: llamaModules(config) };
  },
  bart(s) {
    const config = BartConfig.parse({
      ...ids,
      model_type: 'bart',
      vocab_size: s.vocabulary,
      d_model: s.dModel,
      decoder_start_token_id: 1,
      encoder_layers: s.layers,
      decoder_layers: s.layers,
      encoder_ffn_dim: s.dFf,
      decoder_ffn_dim: s.dFf,
      encoder_attention_heads: s.heads,
      decoder_attention_heads: s.heads,
      max_position_embeddings: s.positions,
    });
    return { config, shapes: bartShapes(config), modules: bartModules(config) };
  },
};
