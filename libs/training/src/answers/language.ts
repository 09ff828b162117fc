import * as tf from '@tensorflow/tfjs';
import { softmaxCrossEntropy } from '#engine/ops/softmax-cross-entropy.js';
import type { DecoderModel } from '#models/model.js';
import { joined } from '#tasks/example.js';
import { idTable, ignoredLabel, type Row } from '../rows/row.js';
import {
  type Answering,
  type Asked,
  common,
  type Pass,
  textTensors,
  tokensOf,
  weighed,
} from './answering.js';

/** A window of a text: what is read, and the token behind each of its positions, ignored where a window
 *  before says it. */
export interface WindowRow extends Row {
  next: number[];
}

/** The input itself, token by token: perplexity. A text longer than maxLength is read in windows of
 *  maxLength, each token predicted once: by the first window where it stands there, else by the next with as
 *  much in front of it as fits (rolling windows, as lm-evaluation-harness has them). The first token is
 *  predicted behind the tokenizer's own beginning of a text, or where there is none behind the end token.
 *  Training takes one window of a text an epoch, in turn. */
export function languageAnswering(of: Asked<'language', DecoderModel>): Answering<'language', WindowRow> {
  const { model, maxLength } = of;
  const open = model.tokenizer.encodeOpen('');
  const first = open.at(-1) ?? model.endId;
  const losses = (pass: Pass, smoothing = 0): tf.Tensor1D => {
    const logits = model.decode(pass.weights, tokensOf(pass.batch), pass.adaptation);
    const next = pass.batch['next'] as tf.Tensor2D;
    const each = softmaxCrossEntropy(tf.reshape(logits, [next.size, -1]), tf.reshape(next, [-1]), smoothing);
    return tf.sum(tf.reshape(each, next.shape), 1);
  };
  return {
    ...common(of),
    key: { kind: 'language' },
    fanOut: Math.ceil(maxLength / tokensOfFewRows),
    rows: ({ input }) => windows(model.tokenizer.encodePlain(joined(input)), first, maxLength),
    tensors(rows) {
      const tokens = textTensors(of, rows);
      return { ...tokens, next: idTable(rows.map((row) => row.next), ignoredLabel, tokens['ids']!.shape[1]!) };
    }, // prettier-ignore
    counted,
    losses: (pass) => weighed(losses(pass, of.smoothing), pass.batch),
    outputs: (pass) => tf.expandDims(losses(pass), 1) as tf.Tensor2D,
    said: () => ({}),
    likelihood: (scores, { example, rows }) => ({
      nats: scores.reduce((sum, own) => sum + own[0]!, 0),
      tokens: rows.reduce((sum, row) => sum + counted(row), 0),
      bytes: Buffer.byteLength(joined(example.input)),
    }),
  };
}

const tokensOfFewRows = 8; // whose logits of 64 rows fit into memory at once

const counted = ({ next }: WindowRow): number => next.reduce((n, id) => n + Number(id !== ignoredLabel), 0);

/** Of a text's ids, behind `first`; each window has up to `length` tokens. A text without a token is one
 *  empty window. */
export function windows(ids: readonly number[], first: number, length: number): WindowRow[] {
  const all = [first, ...ids];
  const rows: WindowRow[] = [];
  for (let said = 0; said < ids.length;) {
    const end = Math.min(said + length, ids.length); // of what this window predicts
    const start = Math.max(0, end - length);
    const next = ids.slice(start, end).map((id, i) => (start + i < said ? ignoredLabel : id));
    rows.push({ ids: all.slice(start, end), next });
    said = end;
  }
  return rows.length ? rows : [{ ids: [first], next: [ignoredLabel] }];
}
