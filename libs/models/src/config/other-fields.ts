/** What is done with fields of config.json that a family's schema does not read: none changes the computation
 *  without a word. */
import { isDeepStrictEqual } from 'node:util';

export interface OtherFields {
  /** Fields that change nothing here, and why. */
  irrelevant: Readonly<Record<string, string>>;
  /** Fields that would change the computation, and the values at which they are taken; null is always taken.
   */
  only: Readonly<Record<string, readonly unknown[]>>;
  /** Other names of a field, as transformers' attribute_map has them: both say the same, or the file is
   *  refused. */
  aliases?: Readonly<Record<string, string>>;
}

/** Names of the fields that neither transformers' class nor this family knows: transformers ignores them, and
 *  so does this. `path` is config.json's. Throws an Error that names the field, its value and what was
 *  expected. */
export function checkOtherFields(
  config: Readonly<Record<string, unknown>>,
  { path, used, others }: { path: string; used: readonly string[]; others: OtherFields },
): string[] {
  const unknown: string[] = [];
  const refuse = (field: string, expected: string): never => {
    throw new Error(`${path}: ${field} is ${shown(config[field])}; expected ${expected}`);
  };
  for (const [field, value] of Object.entries(config)) {
    if (used.includes(field) || field in irrelevant || field in others.irrelevant) continue;
    const allowed = others.only[field] ?? only[field];
    const target = others.aliases?.[field];
    if (allowed) {
      if (value !== null && !allowed.some((a) => isDeepStrictEqual(a, value)))
        refuse(
          field,
          allowed.length
            ? `${allowed.map(shown).join(' or ')}, all that is implemented`
            : 'none: this is not implemented',
        );
    } else if (target !== undefined) {
      if (!isDeepStrictEqual(value, config[target]))
        refuse(field, `${shown(config[target])}, as ${target} says, or leave it out`);
    } else unknown.push(field);
  }
  return unknown;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

const writing = 'how to write is said by the task and by generate()';
const shape = 'what transformers returns, and not what it computes';
const heads = 'of heads that are not loaded';

/** Of every config class. */
export const irrelevant: Readonly<Record<string, string>> = {
  _name_or_path: 'where it came from',
  architectures: 'the weights say which heads they have',
  transformers_version: 'who wrote the file',
  dtype: 'weights are widened to float32',
  torch_dtype: 'weights are widened to float32',
  use_bfloat16: 'weights are widened to float32',
  _attn_implementation: 'how, and not what',
  attn_implementation: 'how, and not what',
  use_cache: 'speed',
  gradient_checkpointing: 'memory',
  chunk_size_feed_forward: 'memory; each position has the same feed-forward',
  output_attentions: shape,
  output_hidden_states: shape,
  return_dict: shape,
  return_dict_in_generate: shape,
  output_scores: shape,
  output_past: shape,
  torchscript: shape,
  tf_legacy_loss: heads,
  problem_type: heads,
  finetuning_task: heads,
  num_labels: heads,
  id2label: heads,
  label2id: heads,
  classifier_dropout: heads,
  initializer_range: 'all weights are read',
  tokenizer_class: 'tokenizer.json says it',
  prefix: 'of pipelines; the template says what a text begins with',
  task_specific_params: 'of pipelines',
  sep_token_id: 'of the tokenizer',
  mask_token_id: 'of the tokenizer',
  bos_token_id: 'of the tokenizer',
  pad_token_id: 'padding is masked',
  ...Object.fromEntries(
    [
      'bad_words_ids',
      'begin_suppress_tokens',
      'diversity_penalty',
      'do_sample',
      'early_stopping',
      'encoder_no_repeat_ngram_size',
    ]
      .concat([
        'exponential_decay_length_penalty',
        'length_penalty',
        'max_length',
        'min_length',
        'no_repeat_ngram_size',
      ])
      .concat([
        'num_beam_groups',
        'num_beams',
        'num_return_sequences',
        'remove_invalid_values',
        'repetition_penalty',
      ])
      .concat(['suppress_tokens', 'temperature', 'top_k', 'top_p', 'typical_p'])
      .map((field) => [field, writing]),
  ),
};

/** Of every config class, or looked up by name in any config. */
export const only: Readonly<Record<string, readonly unknown[]>> = {
  is_decoder: [false],
  add_cross_attention: [false],
  cross_attention_hidden_size: [],
  tie_encoder_decoder: [false],
  pruned_heads: [{}],
  quantization_config: [],
  compression_config: [],
  auto_map: [], // the model's own code, which may compute anything
  per_layer_config: [],
  attention_chunk_size: [],
};
