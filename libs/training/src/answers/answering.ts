import * as tf from '@tensorflow/tfjs';
import type { Answer, AnswerBy } from '#contracts/answer.js';
import type { Kind } from '#contracts/kind.js';
import type { Tensors } from '#engine/step/step.js';
import type { Head } from '#methods/heads/form.js';
import type { LabelSpace } from '#methods/method.js';
import type { Adaptation } from '#models/adaptation.js';
import type { TokenBatch, Weights } from '#models/batch.js';
import type { GenerateOptions } from '#models/generate/options.js';
import type { Model } from '#models/model.js';
import type { Dataset } from '#tasks/dataset.js';
import type { Example, Likelihood, Said } from '#tasks/example.js';
import type { InputReader } from '../rows/input-reader.js';
import { type Row, tokenTensors } from '../rows/row.js';

/** One forward pass within a step. Rows of the batch are member-major. */
export interface Pass {
  weights: Weights;
  adaptation: Adaptation;
  batch: Tensors;
  constants: Tensors;
}

/** What a step, or writing, gave for one row: numbers, or texts of which the first is the best. */
export type RowOutput = { scores: Float32Array } | { texts: readonly string[] };

export interface Answered<K extends Kind, R extends Row> {
  example: Example<K>;
  rows: readonly R[];
}

/** How one kind of model answers one kind of task. `losses` and `outputs` are pure functions of tensors, to
 *  be called inside a step. */
export interface Answering<K extends Kind = Kind, R extends Row = Row> {
  readonly kind: K;
  readonly by: AnswerBy;
  /** What of it shapes a compiled step, beside the model and the method. */
  readonly key: unknown;
  /** What tells its rows from another answering's of the same data. */
  readonly rowsKey: string;
  /** The head that is trained next to the method, in place of one of its own; null: none, or the method's
   *  own. */
  readonly head: Head | null;
  /** What prompts may begin as; and what a head scores that has an output for each. */
  readonly labels: LabelSpace;
  /** Tokens of a row, at most. */
  readonly longest: number;
  /** Rows that scoring makes of each row it is given, at most, by the room that they take. */
  readonly fanOut: number;
  /** Positions behind a text that answering takes, at most. */
  readonly positionsBehind: number;
  /** Positions that virtual tokens leave free behind the longest text. */
  readonly room: number;
  /** Whether a row is one text, so that what frozen layers make of it can be kept. */
  readonly textAlone: boolean;
  /** How what is said is written; absent: it is read off the outputs. */
  readonly writing?: GenerateOptions;
  /** What the model reads of an example. All of it is evaluated. */
  rows(example: Example<K>): R[];
  /** Of which training takes one an epoch, in turn; absent: of `rows`. */
  alternatives?(example: Example<K>): R[];
  /** A batch: tokens, and what is to be answered. */
  tensors(rows: readonly R[]): Tensors;
  /** What is to be answered beside `pooled` [N, D], where a head may read pooled states in place of tokens.
   */
  pooledTargets?(rows: readonly R[]): Tensors;
  /** Tokens of a row that its loss sums over; absent: its loss is a mean already. */
  counted?(row: R): number;
  /** Fixed tensors that losses and outputs need among the step's constants. The caller owns them. */
  constants(): Tensors;
  /** Loss of each row [N]. Where `counted`, a sum over tokens that is weighed by the batch's `shares` [N]. */
  losses(pass: Pass): tf.Tensor1D;
  /** Numbers of each row, [N, …] or [N * T, …]. */
  outputs(pass: Pass): tf.Tensor2D;
  /** What the outputs of an example's rows say. */
  said(outputs: readonly RowOutput[], of: Answered<K, R>): Said[K];
  /** How likely what is right is by the outputs; absent: they do not tell. */
  likelihood?(scores: readonly Float32Array[], of: Answered<K, R>): Likelihood;
  /** Whether likelihoods are told only where a metric needs them; absent: where they cost nothing too. */
  readonly likelihoodOnDemand?: boolean;
}

/** What of a dataset shapes its answers. */
export type AnswerSpace<K extends Kind = Kind> = Pick<
  Dataset<K>,
  'kind' | 'labels' | 'labelWords' | 'tasks' | 'choose' | 'train' | 'validation' | 'test'
>;

/** What an answering is made of. */
export interface Asked<K extends Kind, M extends Model = Model> {
  model: M;
  dataset: AnswerSpace<K>;
  by: AnswerBy;
  ownHead: boolean; // the method has a head of its own, with an output for each label
  reader: InputReader;
  maxLength: number;
  answer: Answer;
  front: readonly number[]; // tokens that everything written begins with: T5's sentinel, or none
  smoothing: number; // of the labels, in losses that are trained on; 0: none
}

/** What all answerings have alike. */
export function common<K extends Kind>({ dataset, by, reader, maxLength }: Asked<K>) {
  const { kind, labelWords } = dataset;
  return {
    kind,
    by,
    rowsKey: `${reader.key} ${kind} ${by}`,
    head: null,
    labels: { words: [...labelWords] },
    longest: maxLength + reader.extra,
    textAlone: true,
    room: 0,
    fanOut: 1,
    positionsBehind: 0,
    constants: (): Tensors => ({}),
  };
}

/** ids, mask and types of a batch of texts. */
export function textTensors({ model, reader, maxLength }: Asked<Kind>, rows: readonly Row[]): Tensors {
  return { ...tokenTensors(rows, model.tokenizer.padId, maxLength + reader.extra) };
}

/** Sums over the tokens of rows [N] by their shares of a batch's tokens, so that their mean is the mean over
 *  all tokens. */
export const weighed = (sums: tf.Tensor1D, { shares }: Tensors): tf.Tensor1D =>
  shares ? tf.mul(sums, shares) : sums;

/** The place of the largest score. */
export const likeliest = (scores: Float32Array): number => scores.indexOf(Math.max(...scores));

/** A row's scores. Throws where a text was written. */
export function scoresIn(output: RowOutput): Float32Array {
  if ('texts' in output) throw new Error('an answer is read off scores, and a text was written');
  return output.scores;
}

/** Added to the score of what an example may not answer: no score comes near it, and no float overflows by
 *  it. */
export const outOfReach = -1e9;

/** Scores [N, C], or of every token [N * T, C], with the classes out of reach that a row's own task lacks,
 *  where tasks are mixed: its softmax and its answer are then those of its task alone, and so is the head
 *  that gives them. */
export function amongOwn(scores: tf.Tensor2D, batch: Tensors): tf.Tensor2D {
  const closed = batch['closed'] as tf.Tensor2D | undefined;
  if (!closed) return scores;
  const [rows, classes] = closed.shape;
  return tf.reshape(tf.add(tf.reshape(scores, [rows, -1, classes]), tf.expandDims(closed, 1)), scores.shape);
}

export const tokensOf = ({ ids, mask, types }: Tensors): TokenBatch => ({
  ids: ids as tf.Tensor2D,
  mask: mask as tf.Tensor2D,
  ...(types && { types: types as tf.Tensor2D }),
});
