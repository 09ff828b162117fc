import type { PrefixTuning } from '#contracts/method.js';
import type { Model } from '#models/model.js';
import type { PeftLayout } from '../method.js';
import { foldPrefix, type PrefixTables } from '../prefix-encoder.js';

type TablesOf = (config: PrefixTuning, model: Model) => PrefixTables;

/** PrefixTuningConfig and the prefix as the MLP made it. peft has one kind of attention: an encoder-decoder's is the decoder's own. */
export function prefixLayout(tablesOf: TablesOf): PeftLayout<PrefixTuning> {
  return {
    carries: (config, model) =>
      config.depth === 'all' && config.position === 'prefix' && onlyTable(tablesOf(config, model)) !== undefined,

    config(config, model) {
      const attentions = onlyTable(tablesOf(config, model))!;
      const { heads, dHead } = attentions[0]!;
      return {
        peft_type: 'PREFIX_TUNING',
        num_virtual_tokens: config.length,
        num_transformer_submodules: 1,
        num_attention_heads: heads,
        num_layers: attentions.length,
        token_dim: heads * dHead,
        encoder_hidden_size: config.hidden,
        prefix_projection: config.hidden !== null,
      };
    },

    tensors: (parameters) => ({ prompt_embeddings: Object.values(foldPrefix(parameters))[0]! }),

    parameters({ prompt_embeddings: embedding }, _written, model) {
      if (embedding?.rank !== 2) throw new Error('the adapter has no matrix prompt_embeddings');
      const place = model.kind === 'encoder' ? 'encoder' : 'decoder';
      return {
        config: {
          name: 'prefix-tuning',
          length: embedding.shape[0]!,
          hidden: null,
          places: [place],
          init: 'random',
          words: null,
          position: 'prefix',
          depth: 'all',
        },
        parameters: { [`${place}.embedding`]: embedding },
      };
    },
  };
}

const onlyTable = (tables: PrefixTables) => (tables.size === 1 && !tables.has('cross') ? [...tables.values()][0] : undefined);
