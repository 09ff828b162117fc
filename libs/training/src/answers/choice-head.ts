import * as tf from '@tensorflow/tfjs';
import { softmaxCrossEntropy } from '#engine/ops/softmax-cross-entropy.js';
import type { Tensors } from '#engine/step/step.js';
import { type Row, tokenTensors } from '../rows/row.js';
import { type Answering, type Asked, common, type Pass, scoresIn } from './answering.js';
import { absentTensor, saidOf } from './choice.js';
import { logSumExp } from './class.js';
import { headScores } from './head.js';

/** A text with each of its choices, as the parts of a pair. */
export interface PairsRow extends Row {
  choices: Row[];
  right: number;
}

/** One of an example's own choices, by one score of each text and choice and a softmax over them, as
 *  BertForMultipleChoice has it. */
export function choiceByHead(of: Asked<'choice'>): Answering<'choice', PairsRow> {
  const { model, dataset, reader, maxLength, smoothing } = of;
  const head = { outputs: 1, of: 'text' } as const;
  const most = Math.max(1, ...[...dataset.validation, ...dataset.test].map((e) => e.answer.choices.length));
  const outputs = (pass: Pass): tf.Tensor2D => {
    const absent = pass.batch['absent'] as tf.Tensor2D;
    const scores = headScores(model, head, { ...pass, batch: flattened(pass.batch) });
    return tf.add(tf.reshape(scores, absent.shape), absent);
  };
  return {
    ...common(of),
    head,
    key: { kind: 'choice', head },
    textAlone: false,
    fanOut: most,
    rows({ input, answer: { choices, right } }) {
      const pairs = choices.map((choice) => reader.read([input.join(' '), choice], maxLength));
      return [{ ids: longest(pairs).ids, choices: pairs, right }];
    },
    tensors(rows) {
      const counts = rows.map((row) => row.choices.length);
      const width = Math.max(...counts);
      const all = rows.flatMap(({ choices }) =>
        Array.from({ length: width }, (_, c) => choices[c] ?? choices[0]!),
      );
      const flat = tokenTensors(all, model.tokenizer.padId, maxLength + reader.extra);
      return {
        ...folded({ ...flat }, rows.length, width),
        absent: absentTensor(counts, width),
        labels: tf.tensor1d(rows.map((row) => row.right), 'int32'),
      }; // prettier-ignore
    },
    outputs,
    losses: (pass) => softmaxCrossEntropy(outputs(pass), pass.batch['labels'] as tf.Tensor1D, smoothing),
    said: ([output], { example }) => saidOf({ scores: scoresIn(output!) }, example),
    likelihood([scores], { example }) {
      const { choices, right } = example.answer;
      const own = scores!.subarray(0, choices.length);
      return { nats: logSumExp(own) - own[right]!, tokens: 1, bytes: Buffer.byteLength(choices[right]!) };
    },
  };
}

const longest = (rows: readonly Row[]): Row => rows.reduce((a, b) => (b.ids.length > a.ids.length ? b : a));

/** Tensors [N * C, T] as [N, C, T]: lanes and passes take whole examples. Takes over `flat`. */
function folded(flat: Tensors, rows: number, choices: number): Tensors {
  const each = Object.entries(flat).map(([name, t]) => [name, tf.reshape(t, [rows, choices, -1])] as const);
  tf.dispose(flat);
  return Object.fromEntries(each);
}

/** ids, mask and types [N, C, T] as [N * C, T]. */
function flattened({ ids, mask, types }: Tensors): Tensors {
  const flat = (t: tf.Tensor) => tf.reshape(t, [-1, t.shape[2]!]);
  return { ids: flat(ids!), mask: flat(mask!), ...(types && { types: flat(types) }) };
}
