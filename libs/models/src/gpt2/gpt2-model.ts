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
import { gpt2Family } from './gpt2.js';
import { Gpt2Config, gpt2Others, gpt2Shapes } from './gpt2-config.js';
import { gpt2Modules } from './gpt2-modules.js';

export function gpt2Model(stored: StoredModel): DecoderModel {
  const c = configOf(Gpt2Config, gpt2Others, stored);
  checkDepth(stored, { n_layer: c.n_layer });
  const tensors = new Map([...stored.tensors].map(([name, t]) => [withPrefix(name), t]));
  // causal masks
  for (const name of tensors.keys()) if (/\.attn\.(bias|masked_bias)$/.test(name)) tensors.delete(name);
  leaveOut(stored, tensors, (name) => otherTasks.test(name));
  if (c.tie_word_embeddings)
    withoutTiedHead(stored, tensors, { head: 'lm_head.weight', tied: 'transformer.wte.weight' });
  expectTensors(stored.folder, tensors, gpt2Shapes(c));
  return {
    family: 'gpt2',
    ...common(stored, tensors, c.vocab_size, (name) => name !== 'lm_head.weight'),
    ...decoderModel(gpt2Family(c), c.n_positions),
    modules: gpt2Modules(c),
    dModel: c.n_embd,
    maxPositions: c.n_positions,
  };
}

const otherTasks = /^(score|classifier|qa_outputs|multiple_choice_head\.summary)\./;

/** The published checkpoints are of the bare GPT2Model, without "transformer.". */
const withPrefix = (name: string): string =>
  /^(wte|wpe|h|ln_f)\./.test(name) ? `transformer.${name}` : name;
