import * as tf from '@tensorflow/tfjs';
import type { Method } from '#contracts/method.js';
import { mostNeighbours, type Neighbours } from '#contracts/neighbours.js';
import { embedding } from '#engine/ops/embedding.js';
import { continuationOf } from '#models/continuation.js';
import type { Model } from '#models/model.js';
import type { LabelSpace, Parameters } from '../method.js';
import { closenessMeasures, distances, type Neighbour, nearestRows, type Vectors } from './nearest-rows.js';
import { virtualEmbeddings } from './virtual-embeddings.js';

/** A method's parameters where training began and where it ended; they stay the caller's. */
export interface Trained {
  config: Method;
  labels: LabelSpace;
  before: Parameters;
  after: Parameters;
}

/** What the virtual tokens are near to before and after training, by every measure: the nearest 50 of the
 *  tokens that the vocabulary has, special ones among them. null where the method puts none among the
 *  embeddings. */
export function promptNeighbours(
  model: Model,
  { config, labels, before, after }: Trained,
): Omit<Neighbours, 'related'> | null {
  const [began, ended] = [before, after].map((parameters) =>
    vectorsOf(virtualEmbeddings(config, { model, parameters, labels })),
  );
  if (!began || !ended) return null;
  const { tokenizer } = model;
  const size = Math.min(model.vocabularySize, tokenizer.size);
  const table = tf.tidy(
    () => embedding(model.inputEmbedding(model.weights), tf.range(0, size, 1, 'int32')) as tf.Tensor2D,
  );
  const k = Math.min(mostNeighbours, size);
  const [first, last] = [began, ended].map((vectors) => nearestRows(vectors, table, k));
  table.dispose();
  const measured = closenessMeasures.map((by) => [
    by,
    {
      before: first![by].map(plain),
      after: last![by].map(plain),
      moved: distances(began, ended, by).map(digits),
    },
  ]);
  const measures = Object.fromEntries(measured) as Neighbours['measures'];
  const ids = closenessMeasures.flatMap((by) =>
    [...measures[by].before, ...measures[by].after].flatMap((near) => near.ids),
  );
  return {
    tokens: Object.fromEntries([...new Set(ids)].map((id) => [id, tokenizer.tokenOf(id) ?? `(${id})`])),
    labels: labels.words.map((label) => ({ label, ids: wordIds(model, label) })),
    measures,
  };
}

/** Row by row on the host; takes over the tensor. */
function vectorsOf(tensor: tf.Tensor2D | null): Vectors | null {
  if (!tensor) return null;
  const values = tensor.dataSync() as Float32Array;
  tensor.dispose();
  return { values, width: tensor.shape[1] };
}

/** A label word's tokens as the model reads or writes it. */
const wordIds = ({ kind, tokenizer }: Model, word: string): number[] =>
  kind === 'decoder' ? continuationOf(tokenizer, word) : tokenizer.encodePlain(word);

const plain = (near: readonly Neighbour[]) => ({
  ids: near.map(({ id }) => id),
  values: near.map(({ value }) => digits(value)),
});

const digits = (x: number): number => Number(x.toPrecision(7));
