import * as tf from '@tensorflow/tfjs';
import type { PrefixTuning } from '#contracts/methods/prefix-tuning.js';
import type { Model } from '#models/model.js';
import type { PeftLayout } from '../../method.js';
import { foldPrefix, type PrefixTables } from '../../prefixes/prefix-encoder.js';

type TablesOf = (config: PrefixTuning, model: Model) => PrefixTables;

/** PrefixTuningConfig and the prefix as the MLP made it. An encoder-decoder's is in the decoder's own
 *  attention alone, and there peft gives layer i of L the rows of layer 2 i mod L (its get_prompt splits the
 *  doubled prefix by four): with an even L layers share rows, so that peft can't hold a prefix of ours, and
 *  only reading is offered. transformers' MPNet takes no keys and values from outside, and peft refuses
 *  prefixes there. */
export function prefixLayout(tablesOf: TablesOf): PeftLayout<PrefixTuning> {
  return {
    type: 'PREFIX_TUNING',

    carries: (config, model) =>
      model.kind !== 'encoder-decoder' &&
      model.family !== 'mpnet' &&
      config.depth === 'all' &&
      config.position === 'prefix' &&
      onlyTable(tablesOf(config, model)) !== undefined,

    config(config, model) {
      const attentions = onlyTable(tablesOf(config, model))!;
      const { heads, dHead } = attentions[0]!;
      return {
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

    parameters({ prompt_embeddings: rows }, written, model) {
      if (rows?.rank !== 2) throw new Error('the adapter has no matrix prompt_embeddings');
      const doubled = written['num_transformer_submodules'] === 2;
      const embedding = doubled ? asRead(rows as tf.Tensor2D, Number(written['num_layers'])) : rows;
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
          relativePositions: model.family === 't5',
          dropout: 0,
        },
        parameters: { [`${place}.embedding`]: embedding },
      };
    },
  };
}

const onlyTable = (tables: PrefixTables) =>
  tables.size === 1 && !tables.has('cross') ? [...tables.values()][0] : undefined;

/** Keys and values [P, L 2 d] in the order of the layers that read them; frees what it is given. */
function asRead(rows: tf.Tensor2D, layers: number): tf.Tensor2D {
  const parts = tf.split(rows, layers, 1);
  const inOrder = parts.map((_, i) => parts[(2 * i) % layers]!);
  const read = tf.concat(inOrder, 1) as tf.Tensor2D;
  tf.dispose([rows, ...parts]);
  return read;
}
