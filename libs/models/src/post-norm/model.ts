import type * as tf from '@tensorflow/tfjs';
import type { Adaptation, Hidden } from '../adaptation.js';
import type { TokenBatch, Weights } from '../batch.js';
import type { EncoderModel, Family } from '../model.js';
import { sentencePool } from '../sentence-pooling.js';
import { checkDepth, common, leaveOut, type StoredModel, withoutTiedHead } from '../stored-model.js';
import { expectTensors } from '../weights/expect.js';
import type { StoredTensor } from '../weights/safetensors.js';
import { type AttentionNames, type PostNormConfig, postNormModules } from './encoder.js';
import {
  firstTokenPooler,
  type MaskHead,
  maskHeadShapes,
  maskLogits,
  outputBias,
  poolerShapes,
} from './heads.js';

/** What a family is made of. */
export interface PostNormFamily {
  family: Family; // checkpoints with a head carry the encoder behind its name and a dot
  names: AttentionNames;
  head: MaskHead;
  shapes(): Record<string, number[]>; // of the encoder's tensors, once their number is known to fit
  maxPositions: number;
  encode(weights: Weights, batch: TokenBatch, adaptation?: Adaptation): Hidden;
}

const words = 'embeddings.word_embeddings.weight';

/** The masked-language-model head is kept where the weights have it whole, and with it the pooler. Heads of
 *  other tasks are left out, and so is a bare encoder's pooler: sentence encoders carry one that nothing
 *  reads, and full tuning would count it. */
export function postNormModel(stored: StoredModel, c: PostNormConfig, of: PostNormFamily): EncoderModel {
  checkDepth(stored, { num_hidden_layers: c.num_hidden_layers });
  const { family, head } = of;
  const tensors = new Map([...stored.tensors].map(([name, t]) => [bareName(name, family), t]));
  tensors.delete('embeddings.position_ids'); // 0, 1, 2, …
  leaveOut(stored, tensors, (name) => otherTasks.test(name));
  settleBias(stored, c, head, tensors);
  if (c.tie_word_embeddings)
    withoutTiedHead(stored, tensors, { head: `${head.decoder}.weight`, tied: words });
  const shapes = of.shapes();
  const keepWhole = (part: Record<string, number[]>): boolean => {
    const names = Object.keys(part);
    const whole = names.every((name) => tensors.has(name));
    if (whole) Object.assign(shapes, part);
    else leaveOut(stored, tensors, (name) => names.includes(name));
    return whole;
  };
  const storedPooler = poolerOf(c, tensors);
  const mlm = keepWhole(maskHeadShapes(c, head));
  if (!mlm) leaveOut(stored, tensors, (name) => Object.hasOwn(poolerShapes(c), name));
  const pooler = keepWhole(poolerShapes(c));
  expectTensors(stored.folder, tensors, shapes);
  const pool = sentencePool(stored.folder);
  return {
    kind: 'encoder',
    family,
    ...common(stored, tensors, c.vocab_size),
    modules: postNormModules(c, of.names),
    dModel: c.hidden_size,
    maxPositions: of.maxPositions,
    inputEmbedding: (w) => w[words] as tf.Tensor2D,
    encode: of.encode,
    pool,
    ...(storedPooler && { storedPooler }),
    ...(pooler && { pooler: firstTokenPooler }),
    ...(mlm && {
      maskLogits: (w: Weights, encoded: Hidden, batch: TokenBatch, adaptation?: Adaptation) =>
        maskLogits({ config: c, head }, w, encoded, { batch, adaptation }),
    }),
  };
}

const otherTasks = /^(cls\.seq_relationship|classifier|qa_outputs)\./;

function poolerOf(
  c: PostNormConfig,
  tensors: ReadonlyMap<string, StoredTensor>,
): EncoderModel['storedPooler'] {
  const [weight, bias] = Object.entries(poolerShapes(c)).map(([name, shape]) => {
    const found = tensors.get(name);
    return `${found?.shape}` === `${shape}` ? found : undefined;
  });
  return weight && bias && { weight, bias };
}

/** The first checkpoints call a LayerNorm's weights gamma and beta. */
function bareName(name: string, family: Family): string {
  const bare = name.startsWith(`${family}.`) ? name.slice(family.length + 1) : name;
  return bare.replace(/LayerNorm\.gamma$/, 'LayerNorm.weight').replace(/LayerNorm\.beta$/, 'LayerNorm.bias');
}

/** Leaves one bias of the logits under the name of outputBias. Throws where a tied decoder's bias and the
 *  head's differ. */
function settleBias(
  stored: StoredModel,
  c: PostNormConfig,
  head: MaskHead,
  tensors: Map<string, StoredTensor>,
): void {
  const { bias, decoder } = head;
  if (c.tie_word_embeddings) return withoutTiedHead(stored, tensors, { head: `${decoder}.bias`, tied: bias });
  const own = tensors.get(`${decoder}.bias`) ?? tensors.get(bias);
  tensors.delete(bias);
  if (own) tensors.set(outputBias(c, head), own);
}
