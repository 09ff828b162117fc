import { Method } from '#contracts/method.js';

/** What `bench adapters` exchanges: on every family every method that peft's files carry, and forms of them
 *  that only one side writes. */

/** Small random models, folders of libs/models/src/fixtures that transformers wrote. */
export const adapterFamilies = [
  't5-v1.0',
  't5-v1.1',
  'bart',
  'gpt2',
  'llama',
  'bert',
  'roberta',
  'mpnet',
] as const;
export type AdapterFamily = (typeof adapterFamilies)[number];

/** One line of the table. */
export interface AdapterRow {
  family: AdapterFamily;
  method: AdapterMethod;
  ours: Method | null; // null: a form that only peft writes
  // null: a form that only we write, or, without ours, nothing that can be exchanged
  theirs: PeftMaker | null;
  remark: string; // what must be known to read the line; empty: nothing
}

/** How peft makes its adapter: a config class, its arguments but the task type. */
export interface PeftMaker {
  config: string;
  args: object;
  allocate?: boolean; // AdaLoRA: ranks are allocated to the end before it is saved
}

export const adapterMethods = [
  'prompt',
  'prompt-default', // of an encoder-decoder, with rows for the decoder too
  'prefix',
  'prefix-mlp',
  'p-tuning-lstm',
  'p-tuning-mlp',
  'p-tuning-paper',
  'p-tuning-default',
  'lora',
  'lora-default', // of maps that peft chooses
  'lora-all', // of every linear map
  'lora-dropout',
  'lora-layer', // in one layer only
  'lora-patterns', // of another rank and alpha in some maps
  'rslora',
  'qlora', // over weights as they are after 4 bits
  'dora',
  'dora-all',
  'rsdora',
  'adalora',
  'adalora-unscaled',
  'adalora-settled', // with ranks cut to the budget
  'ia3',
  'ia3-default',
  'ia3-attention', // no feed-forward among its maps
] as const;
export type AdapterMethod = (typeof adapterMethods)[number];

export function adapterRows(): AdapterRow[] {
  return adapterFamilies.flatMap((family) => adapterMethods.flatMap((method) => rowOf(family, method) ?? []));
}

function rowOf(family: AdapterFamily, method: AdapterMethod): AdapterRow | undefined {
  const made = makers[method](family);
  const { ours, theirs, remark = '' } = made ?? { ours: null, theirs: null };
  return made && { family, method, ours: ours && Method.parse(ours), theirs, remark };
}

/** Ends of names: what the low-rank methods hold by default, all linear maps, and (IA)^3's maps with those
 *  that it scales the input of. */
interface Targets {
  chosen: string[];
  all: string[];
  ia3: string[];
  inputs: string[];
}

const t5 = { chosen: ['q', 'v'], ia3: ['k', 'v', 'wo'], inputs: ['wo'] };
const fed = ['layer.0.output.dense', 'layer.1.output.dense']; // "output.dense" ends the attention's name too
const bert = {
  chosen: ['query', 'value'],
  all: ['query', 'key', 'value', 'intermediate.dense', 'output.dense'],
  ia3: ['key', 'value', ...fed],
  inputs: fed,
};

const targets: Readonly<Record<AdapterFamily, Targets>> = {
  't5-v1.0': { ...t5, all: ['q', 'k', 'v', 'o', 'wi', 'wo'] },
  't5-v1.1': { ...t5, all: ['q', 'k', 'v', 'o', 'wi_0', 'wi_1', 'wo'] },
  bart: {
    chosen: ['q_proj', 'v_proj'],
    all: ['q_proj', 'k_proj', 'v_proj', 'out_proj', 'fc1', 'fc2'],
    ia3: ['k_proj', 'v_proj', 'fc2'],
    inputs: ['fc2'],
  },
  gpt2: {
    chosen: ['c_attn'],
    all: ['c_attn', 'c_fc', 'c_proj'],
    ia3: ['c_attn', 'mlp.c_proj'],
    inputs: ['mlp.c_proj'],
  },
  llama: {
    chosen: ['q_proj', 'v_proj'],
    all: ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'],
    ia3: ['k_proj', 'v_proj', 'down_proj'],
    inputs: ['down_proj'],
  },
  bert,
  roberta: bert,
  mpnet: {
    chosen: ['q', 'v'],
    all: ['q', 'k', 'v', 'o', 'intermediate.dense', 'output.dense'],
    ia3: ['k', 'v', 'output.dense'],
    inputs: ['output.dense'],
  },
};

const encodesAndDecodes = (family: AdapterFamily) => family.startsWith('t5') || family === 'bart';

type Maker = (
  family: AdapterFamily,
) => { ours: object | null; theirs: PeftMaker | null; remark?: string } | undefined;

const [length, hidden, rank, alpha, targetRank] = [3, 6, 3, 5, 2];
const one = { num_virtual_tokens: length, num_transformer_submodules: 1 };

const makers: Readonly<Record<AdapterMethod, Maker>> = {
  prompt: () => ({
    ours: { name: 'prompt-tuning', length, init: 'vocabulary' },
    theirs: { config: 'PromptTuningConfig', args: one },
  }),
  'prompt-default': (family) =>
    unread(family, { config: 'PromptTuningConfig', args: { num_virtual_tokens: length } }),
  prefix: (family) => prefix(family, null),
  'prefix-mlp': (family) => prefix(family, hidden),
  'p-tuning-lstm': () => pTuning('lstm', 'peft'),
  'p-tuning-mlp': () => pTuning('mlp', 'peft'),
  'p-tuning-paper': () => ({ ...pTuning('lstm', 'paper'), theirs: null }),
  'p-tuning-default': (family) =>
    unread(family, {
      config: 'PromptEncoderConfig',
      args: { num_virtual_tokens: length, encoder_hidden_size: hidden },
    }),
  lora: (family) => lowRank('lora', family),
  'lora-default': () => ({
    ours: { name: 'lora', rank, alpha },
    theirs: { config: 'LoraConfig', args: { r: rank, lora_alpha: alpha } },
  }),
  'lora-all': (family) =>
    lowRank('lora', family, { targets: targets[family].all }, { target_modules: 'all-linear' }),
  'lora-dropout': (family) => lowRank('lora', family, { dropout: 0.5 }, { lora_dropout: 0.5 }),
  'lora-layer': (family) => peftAlone(family, { layers_to_transform: [1] }),
  'lora-patterns': (family) => peftAlone(family, patterns(family)),
  rslora: (family) => lowRank('lora', family, { rsLora: true }, { use_rslora: true }),
  qlora: () => ({ ours: { name: 'qlora', rank, alpha }, theirs: null }),
  dora: (family) => lowRank('dora', family),
  'dora-all': (family) =>
    lowRank('dora', family, { targets: targets[family].all }, { target_modules: 'all-linear' }),
  rsdora: (family) => lowRank('dora', family, { rsLora: true }, { use_rslora: true }),
  adalora: (family) => adaLora(family, alpha),
  'adalora-unscaled': (family) => ({ ...adaLora(family, null), theirs: null }),
  'adalora-settled': (family) => ({
    ours: null,
    theirs: { ...adaLora(family, alpha).theirs, allocate: true },
  }),
  ia3: (family) => ia3(targets[family].ia3, targets[family].inputs),
  'ia3-default': () => ({ ours: { name: 'ia3' }, theirs: { config: 'IA3Config', args: {} } }),
  'ia3-attention': (family) => ia3(targets[family].chosen, []),
};

/** peft makes as many rows for the decoder, which it does not read. */
function unread(family: AdapterFamily, theirs: PeftMaker) {
  return encodesAndDecodes(family)
    ? { ours: null, theirs, remark: "peft reads nothing of the decoder's rows" }
    : undefined;
}

/** peft takes the heads of queries for those of keys, and the model's width for theirs together: others have
 *  to be named. */
const prefixHeads: Partial<Record<AdapterFamily, object>> = {
  llama: { num_attention_heads: 2, token_dim: 8 },
  't5-v1.0': { num_attention_heads: 2, token_dim: 12 },
  't5-v1.1': { num_attention_heads: 2, token_dim: 12 },
};

function prefix(family: AdapterFamily, width: number | null) {
  const heads = prefixHeads[family] ?? {};
  const projected = width === null ? {} : { prefix_projection: true, encoder_hidden_size: width };
  const theirs = {
    config: 'PrefixTuningConfig',
    args: { num_virtual_tokens: length, ...heads, ...projected },
  };
  if (encodesAndDecodes(family))
    return {
      ours: null,
      theirs,
      remark: "peft's decoder layers share their rows, so that it can't hold a prefix of ours",
    };
  if (family === 'mpnet')
    return { ours: null, theirs, remark: "transformers' MPNet takes no keys and values from outside" };
  return { ours: { name: 'prefix-tuning', length, hidden: width }, theirs };
}

function pTuning(encoder: 'lstm' | 'mlp', form: 'peft' | 'paper') {
  const args = {
    ...one,
    encoder_hidden_size: hidden,
    encoder_reparameterization_type: encoder.toUpperCase(),
  };
  return {
    ours: { name: 'p-tuning', length, encoder, hidden, form },
    theirs: { config: 'PromptEncoderConfig', args },
  };
}

/** `knobs` are ours, `args` peft's. */
function lowRank(name: 'lora' | 'dora', family: AdapterFamily, knobs: object = {}, args: object = {}) {
  const { chosen } = targets[family];
  const shared = { r: rank, lora_alpha: alpha, target_modules: chosen, use_dora: name === 'dora' };
  return {
    ours: { name, targets: chosen, rank, alpha, ...knobs },
    theirs: { config: 'LoraConfig', args: { ...shared, ...args } },
  };
}

const peftAlone = (family: AdapterFamily, args: object) => ({
  ...lowRank('lora', family, {}, args),
  ours: null,
});

function patterns(family: AdapterFamily) {
  const [first, last] = [targets[family].chosen[0]!, targets[family].chosen.at(-1)!];
  return { rank_pattern: { [first]: 2 }, alpha_pattern: { [last]: 7 } };
}

function adaLora(family: AdapterFamily, scale: number | null) {
  const { chosen } = targets[family];
  const args = {
    init_r: rank,
    target_r: targetRank,
    lora_alpha: alpha,
    target_modules: chosen,
    total_step: 10,
  };
  return {
    ours: { name: 'adalora', targets: chosen, rank, targetRank, alpha: scale },
    theirs: { config: 'AdaLoraConfig', args },
  };
}

function ia3(maps: string[], inputs: string[]) {
  const args = { target_modules: maps, feedforward_modules: inputs };
  return { ours: { name: 'ia3', targets: maps }, theirs: { config: 'IA3Config', args } };
}
