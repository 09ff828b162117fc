import * as tf from '@tensorflow/tfjs';
import { softmaxCrossEntropy } from '#engine/ops/softmax-cross-entropy.js';
import type { EncoderModel } from '#models/model.js';
import { joined } from '#tasks/example.js';
import { WordEncoder, type WordRow } from '../rows/encode-words.js';
import { ignoredLabel } from '../rows/row.js';
import {
  amongOwn,
  type Answering,
  type Asked,
  common,
  likeliest,
  type Pass,
  scoresIn,
  textTensors,
  weighed,
} from './answering.js';
import { logSumExp } from './class.js';
import { closedTasks, type ClosedRow, closedTensor } from './closed.js';
import { headScores } from './head.js';

/** A tagged text with what of a mixture is closed to it. */
export type TagsRow = WordRow & ClosedRow;

const spare = 4; // positions that virtual tokens leave free beside the longest label word, as for other kinds

/** An encoder says a tag for every token by the adaptation's head on its final states. Batches hold `labels`
 *  int32 [N, T], ignored ones among them. A word's tag is the likeliest at its first piece; null where that
 *  was cut off. */
export function tagsAnswering(of: Asked<'tags', EncoderModel>): Answering<'tags', TagsRow> {
  const { model, dataset, maxLength, smoothing } = of;
  const head = { outputs: 'labels', of: 'tokens' } as const;
  const words = new WordEncoder(model.tokenizer);
  const closed = closedTasks(dataset);
  const outputs = (pass: Pass) => amongOwn(headScores(model, head, pass), pass.batch);
  return {
    ...common(of),
    head,
    key: { kind: 'tags', words: dataset.labelWords, tasks: dataset.tasks?.map((p) => p.labels) },
    room: spare + Math.max(0, ...dataset.labelWords.map((word) => model.tokenizer.encodePlain(word).length)),
    rows: ({ answer, part }) => [
      { ...words.encode(answer, maxLength), ...(part !== undefined && { closed: closed[part]! }) },
    ],
    tensors(rows) {
      const tokens = textTensors(of, rows);
      return { ...tokens, labels: tokenLabels(rows, tokens['ids']!.shape[1]!), ...closedTensor(rows) };
    },
    counted: ({ labels }) => labels.reduce((n, label) => n + Number(label !== ignoredLabel), 0),
    outputs,
    losses(pass) {
      const labels = pass.batch['labels'] as tf.Tensor2D;
      const each = softmaxCrossEntropy(outputs(pass), tf.reshape(labels, [-1]), smoothing);
      return weighed(tf.sum(tf.reshape(each, labels.shape), 1), pass.batch);
    },
    likelihoodOnDemand: true,
    likelihood([own], { example, rows: [row] }) {
      const classes = dataset.labels.length;
      const each = Array.from(row!.labels).flatMap((label, place) => {
        const scores = own!.subarray(place * classes, (place + 1) * classes);
        return label === ignoredLabel ? [] : [logSumExp(scores) - scores[label]!];
      });
      const nats = each.reduce((a, b) => a + b, 0);
      return { nats, tokens: each.length, bytes: Buffer.byteLength(joined(example.input)) };
    },
    said([output], { rows: [row] }) {
      const scores = scoresIn(output!);
      const classes = dataset.labels.length;
      const tags = Array.from(row!.places, (place) =>
        place < 0 ? null : likeliest(scores.subarray(place * classes, (place + 1) * classes)),
      );
      return { tags };
    },
  };
}

function tokenLabels(rows: readonly WordRow[], length: number): tf.Tensor2D {
  const labels = new Int32Array(rows.length * length).fill(ignoredLabel);
  rows.forEach((row, r) => labels.set(row.labels, r * length));
  return tf.tensor2d(labels, [rows.length, length], 'int32');
}
