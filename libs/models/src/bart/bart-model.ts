import * as tf from '@tensorflow/tfjs';
import type { Adaptation, Hidden } from '../adaptation.js';
import { generate } from '../generate/generate.js';
import { repeatedMemory } from '../generate/repeat.js';
import type { Memory } from '../heads.js';
import { weightOf } from '../linear-map.js';
import { generating } from '../encoder-decoder.js';
import type { EncoderDecoderModel, GenerateOptions, Weights } from '../model.js';
import type { Past } from '../past.js';
import { checkDepth, common, configOf, leaveOut, type StoredModel, withoutTiedHead } from '../stored-model.js';
import { expectTensors } from '../weights/expect.js';
import type { StoredTensor } from '../weights/safetensors.js';
import { bartDecode, bartDecodeFrom, bartEncode, bartLogits, crossMemories } from './bart.js';
import { BartConfig, bartOthers, bartShapes, forcedFirst } from './bart-config.js';
import { bartModules } from './bart-modules.js';

const shared = 'model.shared.weight';
const copies = ['lm_head.weight', 'model.encoder.embed_tokens.weight', 'model.decoder.embed_tokens.weight'];

export function bartModel(stored: StoredModel): EncoderDecoderModel {
  const c = configOf(BartConfig, bartOthers, stored);
  checkDepth(stored, { encoder_layers: c.encoder_layers, decoder_layers: c.decoder_layers });
  const tensors = new Map([...stored.tensors].map(([name, t]) => [withPrefix(name), t]));
  leaveOut(stored, tensors, (name) => otherTasks.test(name));
  completed(stored, tensors);
  expectTensors(stored.folder, tensors, bartShapes(c));
  return {
    kind: 'encoder-decoder',
    family: 'bart',
    ...common(stored, tensors, c.vocab_size, (name) => /^model\.(shared|encoder)\./.test(name)),
    modules: bartModules(c),
    dModel: c.d_model,
    maxPositions: c.max_position_embeddings,
    decoderStartId: c.decoder_start_token_id,
    endId: c.eos_token_id,
    inputEmbedding: (w) => weightOf<tf.Tensor2D>(w, shared),
    decode: (w, encoded, ids, adaptation) => bartDecode(c, w, encoded, ids, adaptation),
    ...generating({
      encode: (w, batch, adaptation) => bartEncode(c, w, batch, adaptation),
      generateFrom: (w, encoded, options, adaptation) => bartGenerate(c, w, encoded, { options, adaptation }),
    }),
  };
}

const otherTasks = /^(classification_head|qa_outputs)\.|^model\.(encoder|decoder)\.version$/;

/** The bare BartModel lacks "model.". */
const withPrefix = (name: string): string => (/^(shared|encoder|decoder)\./.test(name) ? `model.${name}` : name);

/** Takes out what checkpoints hold twice, and adds a bias of 0 where there is none. */
function completed(stored: StoredModel, tensors: Map<string, StoredTensor>): void {
  const copy = copies.map((name) => tensors.get(name)).find((t) => t !== undefined);
  if (copy && !tensors.has(shared)) tensors.set(shared, copy);
  for (const head of copies) withoutTiedHead(stored, tensors, { head, tied: shared });
  const size = tensors.get(shared)?.shape[0]; // what config.json says of it is checked later
  if (!tensors.has('final_logits_bias') && size !== undefined)
    tensors.set('final_logits_bias', { shape: [1, size], values: new Float32Array(size) });
}

function bartGenerate(
  config: BartConfig,
  weights: Weights,
  encoded: Hidden,
  { options, adaptation }: { options: GenerateOptions; adaptation: Adaptation | undefined },
): number[][] {
  const c = { config, weights, adaptation };
  const rows = encoded.states.shape[0] * options.beams;
  const own = { states: encoded.states, mask: tf.clone(encoded.mask) }; // disposed of with the rest
  const cross = tf.tidy(() => crossMemories(c, own).map((m) => repeatedMemory(m, options.beams)) as never) as Memory[];
  const starts = Array.from({ length: rows }, () => [config.decoder_start_token_id]);
  const next = (ids: tf.Tensor2D, past?: Past) => {
    const { states, past: longer } = bartDecodeFrom(c, cross, ids, past);
    return { past: longer, logits: tf.reshape(bartLogits(c, states), [rows, -1]) as tf.Tensor2D };
  };
  const decoder = { rows, next, start: () => next(tf.tensor2d(starts, [rows, 1], 'int32')) };
  try {
    return generate(decoder, options, {
      endIds: [config.eos_token_id],
      forcedFirst: forcedFirst(config),
      forcedLast: config.forced_eos_token_id ?? undefined,
      prompts: starts,
    });
  } finally {
    tf.dispose([cross as never, own.mask]);
  }
}
