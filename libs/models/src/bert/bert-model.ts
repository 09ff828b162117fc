import type * as tf from '@tensorflow/tfjs';
import type { EncoderModel } from '../model.js';
import { checkDepth, common, configOf, leaveOut, type StoredModel, withoutTiedHead } from '../stored-model.js';
import { expectTensors } from '../weights/expect.js';
import type { StoredTensor } from '../weights/safetensors.js';
import { sentencePool } from '../sentence-pooling.js';
import { bertEncode } from './bert.js';
import { BertConfig, bertOthers, bertShapes, firstPosition } from './bert-config.js';
import { bertPooler, maskLogits, mlmHead, mlmShapes, outputBias, poolerShapes } from './heads.js';
import { bertModules } from './bert-modules.js';

const words = 'embeddings.word_embeddings.weight';

/** BERT and RoBERTa. The masked-language-model head is kept where the weights have it whole, and with it the pooler. Heads of other tasks
 *  are left out, and so is a bare encoder's pooler: sentence encoders carry one that nothing reads, and full tuning would count it. */
export function bertModel(stored: StoredModel): EncoderModel {
  const c = configOf(BertConfig, bertOthers, stored);
  checkDepth(stored, { num_hidden_layers: c.num_hidden_layers });
  const tensors = new Map([...stored.tensors].map(([name, t]) => [bareName(name), t]));
  const head = mlmHead(c.model_type);
  tensors.delete('embeddings.position_ids'); // 0, 1, 2, …
  leaveOut(stored, tensors, (name) => otherTasks.test(name));
  settleBias(stored, c, tensors);
  if (c.tie_word_embeddings) withoutTiedHead(stored, tensors, { head: `${head.decoder}.weight`, tied: words });
  const shapes = { ...bertShapes(c) };
  const keepWhole = (part: Record<string, number[]>): boolean => {
    const names = Object.keys(part);
    const whole = names.every((name) => tensors.has(name));
    if (whole) Object.assign(shapes, part);
    else leaveOut(stored, tensors, (name) => names.includes(name));
    return whole;
  };
  const storedPooler = poolerOf(c, tensors);
  const mlm = keepWhole(mlmShapes(c));
  if (!mlm) leaveOut(stored, tensors, (name) => Object.hasOwn(poolerShapes(c), name));
  const pooler = keepWhole(poolerShapes(c));
  expectTensors(stored.folder, tensors, shapes);
  const pool = sentencePool(stored.folder);
  return {
    kind: 'encoder',
    family: c.model_type,
    ...common(stored, tensors, c.vocab_size),
    modules: bertModules(c),
    dModel: c.hidden_size,
    maxPositions: c.max_position_embeddings - firstPosition(c),
    inputEmbedding: (w) => w[words] as tf.Tensor2D,
    encode: (w, batch, adaptation) => bertEncode(c, w, batch, adaptation),
    pool,
    ...(storedPooler && { storedPooler }),
    ...(pooler && { pooler: (w, encoded, batch, adaptation) => bertPooler(w, encoded, batch, adaptation) }),
    ...(mlm && { maskLogits: (w, encoded, batch, adaptation) => maskLogits(c, w, encoded, { batch, adaptation }) }),
  };
}

const otherTasks = /^(cls\.seq_relationship|classifier|qa_outputs)\./;

function poolerOf(c: BertConfig, tensors: ReadonlyMap<string, StoredTensor>): EncoderModel['storedPooler'] {
  const [weight, bias] = Object.entries(poolerShapes(c)).map(([name, shape]) => {
    const found = tensors.get(name);
    return `${found?.shape}` === `${shape}` ? found : undefined;
  });
  return weight && bias && { weight, bias };
}

/** Heads carry the encoder behind "bert." or "roberta."; the first checkpoints call a LayerNorm's weights gamma and beta. */
function bareName(name: string): string {
  const bare = name.replace(/^(bert|roberta)\./, '');
  return bare.replace(/LayerNorm\.gamma$/, 'LayerNorm.weight').replace(/LayerNorm\.beta$/, 'LayerNorm.bias');
}

/** Leaves one bias of the logits under the name of outputBias. Throws where a tied decoder's bias and the head's differ. */
function settleBias(stored: StoredModel, c: BertConfig, tensors: Map<string, StoredTensor>): void {
  const { bias, decoder } = mlmHead(c.model_type);
  if (c.tie_word_embeddings) return withoutTiedHead(stored, tensors, { head: `${decoder}.bias`, tied: bias });
  const own = tensors.get(`${decoder}.bias`) ?? tensors.get(bias);
  tensors.delete(bias);
  if (own) tensors.set(outputBias(c), own);
}
