/** Every field that transformers' config classes have, in both of its major versions, is read, harmless, or
 *  refused by name. */
import type { z } from 'zod';
import { BartConfig, bartOthers } from '../bart/bart-config.js';
import { BertConfig, bertOthers } from '../bert/bert-config.js';
import { readFixture } from '../fixtures/reference.js';
import { Gpt2Config, gpt2Others } from '../gpt2/gpt2-config.js';
import { LlamaConfig, MistralConfig, othersOf, Qwen2Config } from '../llama/llama-config.js';
import { MPNetConfig, mpnetOthers } from '../mpnet/mpnet-config.js';
import { Mt5Config, T5Config, t5Others } from '../t5/t5-config.js';
import { checkOtherFields, irrelevant, only, type OtherFields } from './other-fields.js';

type Fields = Record<string, unknown>;
const versions =
  readFixture<Record<string, Record<string, { fields: Fields; aliases: Record<string, string> }>>>(
    'config-fields.json',
  );

const families: Record<string, [z.ZodObject, OtherFields]> = {
  bert: [BertConfig, bertOthers],
  roberta: [BertConfig, bertOthers],
  mpnet: [MPNetConfig, mpnetOthers],
  gpt2: [Gpt2Config, gpt2Others],
  bart: [BartConfig, bartOthers],
  llama: [LlamaConfig, othersOf.llama],
  mistral: [MistralConfig, othersOf.mistral],
  qwen2: [Qwen2Config, othersOf.qwen2],
  t5: [T5Config, t5Others],
  mt5: [Mt5Config, t5Others],
};
const cases = Object.entries(versions).flatMap(([version, classes]) =>
  Object.entries(classes).map(([family, { fields, aliases }]) => ({ version, family, fields, aliases })),
);

it('holds every family against every version', () => {
  expect(cases.map((c) => c.family).toSorted()).toEqual(
    [...Object.keys(families), ...Object.keys(families)].toSorted(),
  );
});

describe.each(cases)("transformers $version's class of $family", ({ family, fields, aliases }) => {
  const [schema, others] = families[family]!;
  const used = Object.keys(schema.shape);

  it('has no field that is unknown here', () => {
    const known = [irrelevant, others.irrelevant, only, others.only, others.aliases ?? {}].flatMap((part) =>
      Object.keys(part),
    );
    expect(Object.keys(fields).filter((field) => ![...used, ...known].includes(field))).toEqual([]);
    expect(Object.keys(others.aliases ?? {})).toEqual(expect.arrayContaining(Object.keys(aliases)));
  });

  it('is taken with its defaults', () => {
    const written = { eos_token_id: 2, ...withoutNull(fields) };
    expect(schema.safeParse(written).error?.issues ?? []).toEqual([]);
    expect(checkOtherFields(written, { path: 'config.json', used, others })).toEqual([]);
  });

  it('has the defaults that are assumed where a field is left out', () => {
    const needed = used.filter((field) => !schema.shape[field]!.safeParse(undefined).success);
    const least = Object.fromEntries(needed.map((field) => [field, fields[field] ?? 2]));
    const parsed = schema.parse(least) as Fields;
    const assumed = Object.entries(parsed).filter(
      ([field, value]) => value !== undefined && field in fields && !needed.includes(field),
    );
    const otherwise = assumed.filter(
      ([field, value]) => JSON.stringify(fields[field]) !== JSON.stringify(value),
    );
    expect(otherwise.filter(([field]) => !settledElsewhere[family]?.includes(field))).toEqual([]);
  });
});

/** Fields whose default follows from others, in transformers as here: the tests of variants compare what
 *  comes of them. */
const settledElsewhere: Record<string, string[]> = {
  // version 5 says true of every mT5, and 4 said false; both mean a head of its own
  mt5: ['tie_word_embeddings'],
  qwen2: ['sliding_window'], // null where use_sliding_window is false
  t5: ['tie_word_embeddings', 'decoder_start_token_id'],
};

const withoutNull = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));

describe('a field that would change the computation', () => {
  const check = (family: string, config: Fields) => {
    const [schema, others] = families[family]!;
    return checkOtherFields(config, { path: 'config.json', used: Object.keys(schema.shape), others });
  };

  it.each([
    ['bert', 'position_embedding_type', 'relative_key', 'expected "absolute", all that is implemented'],
    ['bert', 'is_decoder', true, 'expected false, all'],
    ['roberta', 'add_cross_attention', true, 'expected false, all'],
    ['mpnet', 'relative_attention_num_buckets', 64, 'expected 32, all'],
    ['bert', 'pruned_heads', { 0: [1] }, 'expected {}, all'],
    ['llama', 'quantization_config', { bits: 4 }, 'expected none: this is not implemented'],
    ['llama', 'auto_map', { AutoModel: 'own.Model' }, 'expected none: this is not implemented'],
    ['llama', 'is_causal', false, 'expected true, all'],
    ['llama', 'partial_rotary_factor', 0.5, 'expected 1, all'],
    ['llama', 'final_logit_softcapping', 30, 'expected none: this is not implemented'],
    ['mistral', 'attention_bias', true, 'expected false, all'],
    ['qwen2', 'attention_bias', false, 'expected true, all'],
    ['gpt2', 'add_cross_attention', true, 'expected false, all'],
    ['gpt2', 'n_ctx', 7, 'expected 9, as n_positions says'],
    ['bart', 'normalize_before', true, 'expected false, all'],
    ['bart', 'static_position_embeddings', true, 'expected false, all'],
    ['t5', 'num_hidden_layers', 3, 'expected 2, as num_layers says'],
    ['t5', 'tie_encoder_decoder', true, 'expected false, all'],
  ])('is refused by name: %s %s', (family, field, value, message) => {
    expect(() => check(family, { n_positions: 9, num_layers: 2, [field]: value })).toThrow(
      `config.json: ${field} is ${JSON.stringify(value)}; ${message}`,
    );
  });

  it('is none where no class has it: it is named, and left aside as in transformers', () => {
    expect(check('bert', { wandb_run: 'x', hidden_size: 3 })).toEqual(['wandb_run']);
  });
});
