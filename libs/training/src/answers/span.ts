import * as tf from '@tensorflow/tfjs';
import { softmaxCrossEntropy } from '#engine/ops/softmax-cross-entropy.js';
import type { EncoderModel } from '#models/model.js';
import { joined } from '#tasks/example.js';
import type { Example, Said } from '#tasks/example.js';
import { idTable, type Row } from '../rows/row.js';
import {
  type Answering,
  type Asked,
  common,
  outOfReach,
  type Pass,
  scoresIn,
  textTensors,
} from './answering.js';
import { logSumExp } from './class.js';
import { headScores } from './head.js';

/** A question and a window of its context, as the parts of a pair. */
export interface SpanRow extends Row {
  // the place of its first token, and characters of each
  context: { first: number; from: number[]; to: number[] };
  // places of the answer's first and last token; 0, the text's first, where there is none in the window
  start: number;
  end: number;
}

const stride = 128; // tokens that two windows share, at most half a window; transformers' doc_stride
const longestAnswer = 30; // tokens, as in transformers' max_answer_length
const tried = 20; // starts and ends that are tried with each other, as in its n_best_size

/** A stretch of the context by two scores of every token, one to begin there and one to end: the best pair
 *  whose end is not in front of its start (BertForQuestionAnswering, Devlin et al. 2019 §4.2). The first
 *  position says that there is no answer (§4.3), where training has such questions. A long context is read in
 *  windows. */
export function spanAnswering(of: Asked<'span', EncoderModel>): Answering<'span', SpanRow> {
  const { model, dataset } = of;
  const head = { outputs: 2, of: 'tokens' } as const;
  const mayLack = dataset.train.some(({ answer }) => answer.answers.length === 0);
  /** Scores [N, T] to begin and to end at each token that may. */
  const ends = (pass: Pass): [tf.Tensor2D, tf.Tensor2D] => {
    const open = pass.batch['open'] as tf.Tensor2D;
    const scores = tf.reshape(headScores(model, head, pass), [...open.shape, 2]);
    const of = (which: number) =>
      tf.add(tf.squeeze(tf.slice(scores, [0, 0, which], [-1, -1, 1]), [2]), open) as tf.Tensor2D;
    return [of(0), of(1)];
  };
  return {
    ...common(of),
    head,
    key: { kind: 'span' },
    rows: (example) => windowsOf(of, example),
    tensors(rows) {
      const tokens = textTensors(of, rows);
      return {
        ...tokens,
        open: openTensor(rows, tokens['ids']!.shape[1]!),
        places: idTable(rows.map((row) => [row.start, row.end]), 0), // prettier-ignore
      };
    },
    losses(pass) {
      const place = (which: number) =>
        tf.squeeze(tf.slice(pass.batch['places']!, [0, which], [-1, 1]), [1]) as tf.Tensor1D;
      const [starts, stops] = ends(pass);
      const [start, stop] = [
        softmaxCrossEntropy(starts, place(0), of.smoothing),
        softmaxCrossEntropy(stops, place(1), of.smoothing),
      ];
      return tf.div(tf.add(start, stop), 2);
    },
    outputs: (pass) => tf.concat(ends(pass), 1) as tf.Tensor2D,
    likelihoodOnDemand: true,
    /** Half of each end's, as in the loss; a window without the answer has the first position's. */
    likelihood(scores, { example, rows }) {
      const each = scores.map((own, r) => {
        const [starts, stops] = [own.subarray(0, own.length / 2), own.subarray(own.length / 2)];
        const { start, end } = rows[r]!;
        return (logSumExp(starts) - starts[start]! + logSumExp(stops) - stops[end]!) / 2;
      });
      const nats = each.reduce((a, b) => a + b, 0);
      return { nats, tokens: each.length, bytes: Buffer.byteLength(joined(example.input)) };
    },
    said: (outputs, { example, rows }) => saidOf(outputs.map(scoresIn), rows, { example, mayLack }),
  };
}

/** Windows of the context that fit behind the question, which is cut where it leaves less than half of the
 *  room. */
function windowsOf(
  { model, maxLength }: Asked<'span', EncoderModel>,
  { input, answer }: Example<'span'>,
): SpanRow[] {
  const { pairs } = model.tokenizer;
  if (!pairs) throw new Error('the tokenizer knows no pairs, and a span is found in the second text of one');
  const room = Math.max(2, maxLength - pairs.specials);
  const question = model.tokenizer.encodePlain(joined(input.slice(0, -1))).slice(0, Math.floor(room / 2));
  const context = model.tokenizer.encodePlaced(input.at(-1)!);
  const size = room - question.length;
  const step = size - Math.min(stride, Math.floor(size / 2));
  const rows: SpanRow[] = [];
  for (let at = 0; at === 0 || at - step + size < context.ids.length; at += step) {
    const part = <T>(of: readonly T[]) => of.slice(at, at + size);
    const { ids, types, behind } = pairs.join(question, part(context.ids));
    const own = { first: behind, from: part(context.from), to: part(context.to) };
    const typed = types && model.family === 'bert' && { types };
    rows.push({ ids, ...typed, context: own, ...placesOf(answer.answers[0], own) });
  }
  return rows;
}

/** Places of an answer's first and last token; 0 where the window does not hold all of it. */
function placesOf(answer: { from: number; to: number } | undefined, { first, from, to }: SpanRow['context']) {
  const none = { start: 0, end: 0 };
  if (!answer) return none;
  const start = to.findIndex((end) => end > answer.from);
  const end = from.findLastIndex((begin) => begin < answer.to);
  const whole = start >= 0 && end >= start && from[0]! <= answer.from && to.at(-1)! >= answer.to;
  return whole ? { start: first + start, end: first + end } : none;
}

/** [N, T]: 0 where an answer may begin or end, in the context and at the first position, and -1e9 elsewhere.
 */
function openTensor(rows: readonly SpanRow[], length: number): tf.Tensor2D {
  const open = new Float32Array(rows.length * length).fill(outOfReach);
  rows.forEach(({ context: { first, from } }, r) => {
    open[r * length] = 0;
    open.fill(0, r * length + first, r * length + first + from.length);
  });
  return tf.tensor2d(open, [rows.length, length]);
}

interface Found {
  score: number;
  from: number; // characters
  to: number;
}

/** The best stretch of all windows, unless none is likelier: that is the least of what the windows say. */
function saidOf(
  outputs: readonly Float32Array[],
  rows: readonly SpanRow[],
  { example, mayLack }: { example: Example<'span'>; mayLack: boolean },
): Said['span'] {
  let best: Found | null = null;
  let none = Infinity;
  for (const [r, scores] of outputs.entries()) {
    const [starts, ends] = [scores.subarray(0, scores.length / 2), scores.subarray(scores.length / 2)];
    none = Math.min(none, starts[0]! + ends[0]!);
    const found = bestIn(starts, ends, rows[r]!.context);
    if (found && (!best || found.score > best.score)) best = found;
  }
  const score = best ? best.score - none : -Infinity;
  if (!best || (mayLack && score <= 0)) return { text: '', from: null, to: null, ...(best && { score }) };
  const { from, to } = best;
  return { text: example.input.at(-1)!.slice(from, to), from, to, score };
}

/** The best of the likeliest starts and ends, the end not in front of the start; null where the window has no
 *  context. */
function bestIn(
  starts: Float32Array,
  ends: Float32Array,
  { first, from, to }: SpanRow['context'],
): Found | null {
  const likeliest = (scores: Float32Array) =>
    Array.from(from.keys())
      .toSorted((a, b) => scores[first + b]! - scores[first + a]!)
      .slice(0, tried);
  const stops = likeliest(ends);
  let best: Found | null = null;
  for (const start of likeliest(starts)) {
    for (const end of stops) {
      if (end < start || end - start >= longestAnswer) continue;
      const score = starts[first + start]! + ends[first + end]!;
      if (!best || score > best.score) best = { score, from: from[start]!, to: to[end]! };
    }
  }
  return best;
}
