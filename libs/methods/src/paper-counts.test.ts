import { Method } from '#contracts/method.js';
import { BertConfig, bertModules } from '#models/bert/bert-config.js';
import { Gpt2Config } from '#models/gpt2/gpt2-config.js';
import { gpt2Modules } from '#models/gpt2/gpt2-modules.js';
import type { Model } from '#models/model.js';
import type { Modules } from '#models/modules.js';
import { countOf } from './members/shapes.js';
import { methodOf } from './table.js';

/** Counts need a model's shape only, and these models are too large to hold. */
const shaped = (dModel: number, modules: Modules) =>
  ({ dModel, modules, kind: 'encoder', maxPositions: 512 }) as unknown as Model;

const none: Modules = { linears: [], sublayers: [], attentions: [], norms: [] };
const bert = (layers: number, width: number, heads: number) =>
  shaped(
    width,
    bertModules(
      BertConfig.parse({
        model_type: 'bert',
        vocab_size: 30_522,
        hidden_size: width,
        num_hidden_layers: layers,
        num_attention_heads: heads,
        intermediate_size: 4 * width,
        hidden_act: 'gelu',
        max_position_embeddings: 512,
        type_vocab_size: 2,
        layer_norm_eps: 1e-12,
      }),
    ),
  );
const bertBase = bert(12, 768, 12);
const bertLarge = bert(24, 1024, 16);
const gpt2Medium = shaped(
  1024,
  gpt2Modules(
    Gpt2Config.parse({ model_type: 'gpt2', vocab_size: 50_257, n_embd: 1024, n_layer: 24, n_head: 16 }),
  ),
);

/** Counts of the methods' papers; BitFit's are of all biases but the pooler's. */
describe("parameter counts equal the papers'", () => {
  const t5 = [512, 768, 1024, 2048, 4096].flatMap((width, i) =>
    [1, 5, 20, 50, 100, 150].map((length): [string, Model, object, number] => {
      const sizes = ['small', 'base', 'large', 'xl', 'xxl'];
      return [
        `Lester table 4, ${sizes[i]} ${length}`,
        shaped(width, none),
        { name: 'prompt-tuning', length },
        length * width,
      ];
    }),
  );
  it.each<[string, Model, object, number]>([
    ...t5,
    // less the pooler, which no task here reads
    ['BitFit, BERT-base', bertBase, { name: 'bitfit' }, 102_912 - 768],
    ['BitFit, BERT-large', bertLarge, { name: 'bitfit' }, 272_384 - 1024],
    ['BitFit, query and b_m2', bertBase, { name: 'bitfit', terms: ['query', 'intermediate.dense'] }, 46_080],
    ['LoRA r 8, BERT-base (UniPELT table 1)', bertBase, { name: 'lora', rank: 8 }, 294_912],
    [
      'Pfeiffer 48, BERT-base (UniPELT)',
      bertBase,
      { name: 'adapter', kind: 'pfeiffer', bottleneck: 48 },
      894_528,
    ],
    ['Houlsby 64', bertLarge, { name: 'adapter', trainNorms: false }, 2 * 24 * (2 * 64 * 1024 + 1024 + 64)],
    [
      'Houlsby 64 with its LayerNorms',
      bertLarge,
      { name: 'adapter' },
      2 * 24 * (2 * 64 * 1024 + 1024 + 64) + 49 * 2 * 1024,
    ],
    [
      'prefix 10, BERT-base (UniPELT)',
      bertBase,
      { name: 'prefix-tuning', length: 10, hidden: null },
      184_320,
    ],
    ['prefix 5, GPT-2 M (250K)', gpt2Medium, { name: 'prefix-tuning', length: 5, hidden: null }, 245_760],
    ['prefix 10, GPT-2 M (500K)', gpt2Medium, { name: 'prefix-tuning', length: 10, hidden: null }, 491_520],
    ['VeRA r 1024, RoBERTa-base (Kopiczko table 2)', bertBase, { name: 'vera', rank: 1024 }, 43_008],
    ['IA3, L (d_k + d_v + d_ff)', bertBase, { name: 'ia3' }, 12 * (768 + 768 + 3072)],
    ['P-tuning v2', bertLarge, { name: 'p-tuning-v2', length: 1, classifier: false }, 49_152],
  ])('%s', (_title, model, method, count) => {
    const config = Method.parse(method);
    expect(countOf(methodOf(config).shapes(config, model, { words: ['a', 'b'] }))).toBe(count);
  });
});
