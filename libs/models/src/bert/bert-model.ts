import type * as tf from '@tensorflow/tfjs';
import type { EncoderModel } from '../model.js';
import { common, configOf, type StoredModel, withoutTiedHead } from '../stored-model.js';
import { expectTensors } from '../weights/expect.js';
import type { StoredTensor } from '../weights/safetensors.js';
import { bertEncode, meanPool } from './bert.js';
import { BertConfig, bertShapes } from './bert-config.js';
import { bertPooler, maskLogits, mlmHead, mlmShapes, poolerShapes } from './heads.js';
import { bertModules } from './bert-modules.js';

const words = 'embeddings.word_embeddings.weight';

/** BERT and RoBERTa. The masked-language-model head is kept where the weights have it whole, and with it the pooler. Heads of other tasks
 *  are left out, and so is a bare encoder's pooler: sentence encoders carry one that nothing reads, and full tuning would count it. */
export function bertModel(stored: StoredModel): EncoderModel {
  const c = configOf(BertConfig, stored);
  const tensors = new Map([...stored.tensors].map(([name, t]) => [bareName(name), t]));
  const head = mlmHead(c.model_type);
  for (const name of tensors.keys()) if (otherTasks.test(name)) tensors.delete(name);
  tensors.delete(`${head.decoder}.bias`); // a copy of the head's bias
  if (c.tie_word_embeddings) withoutTiedHead(stored, tensors, { head: `${head.decoder}.weight`, tied: words });
  const shapes = { ...bertShapes(c) };
  const mlm = keepWhole(tensors, mlmShapes(c), shapes);
  if (!mlm) for (const name of Object.keys(poolerShapes(c))) tensors.delete(name);
  const pooler = keepWhole(tensors, poolerShapes(c), shapes);
  expectTensors(stored.folder, tensors, shapes);
  return {
    kind: 'encoder',
    family: c.model_type,
    ...common(stored, tensors, c.vocab_size),
    modules: bertModules(c),
    dModel: c.hidden_size,
    maxPositions: c.max_position_embeddings - c.firstPosition,
    inputEmbedding: (w) => w[words] as tf.Tensor2D,
    encode: (w, batch, adaptation) => bertEncode(c, w, batch, adaptation),
    pool: meanPool,
    ...(pooler && { pooler: (w, encoded, batch, adaptation) => bertPooler(w, encoded, batch, adaptation) }),
    ...(mlm && { maskLogits: (w, encoded, batch, adaptation) => maskLogits(c, w, encoded, { batch, adaptation }) }),
  };
}

const otherTasks = /^(cls\.seq_relationship|classifier|qa_outputs)\.|^embeddings\.position_ids$/;

/** Heads carry the encoder behind "bert." or "roberta."; the first checkpoints call a LayerNorm's weights gamma and beta. */
function bareName(name: string): string {
  const bare = name.replace(/^(bert|roberta)\./, '');
  return bare.replace(/LayerNorm\.gamma$/, 'LayerNorm.weight').replace(/LayerNorm\.beta$/, 'LayerNorm.bias');
}

/** Adds a head's shapes to those expected where all its tensors are there; else takes out what there is of it. */
function keepWhole(
  tensors: Map<string, StoredTensor>,
  head: Record<string, number[]>,
  expected: Record<string, number[]>,
): boolean {
  const names = Object.keys(head);
  const whole = names.every((name) => tensors.has(name));
  if (whole) Object.assign(expected, head);
  else for (const name of names) tensors.delete(name);
  return whole;
}
