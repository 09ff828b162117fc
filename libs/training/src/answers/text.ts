import * as tf from '@tensorflow/tfjs';
import type { Kind } from '#contracts/kind.js';
import type { Example, Said } from '#tasks/example.js';
import { idTable, ignoredLabel, type Row, targetWidth } from '../rows/row.js';
import {
  type Answering,
  type Asked,
  common,
  type Pass,
  type RowOutput,
  textTensors,
  tokensOf,
  weighed,
} from './answering.js';
import { opened, type WritingModel, wordTokens } from './teacher-forcing.js';
import { withoutSentinel, written } from './writing.js';

/** A text with what is to be written behind it. */
export interface TextRow extends Row {
  target: number[]; // the end among them, unless it was cut
  bytes: number; // of the text that these tokens are
}

const mostTokens = 64; // where the config does not say

/** How an example of a kind is answered in writing. */
interface Written<K extends Kind> {
  /** What may be written, one text at least: the likelihood is the first's. */
  references(example: Example<K>): readonly string[];
  said(text: string, example: Example<K>): Said[K];
}

/** A text is written. It is trained by teacher forcing on one reference of each example: on each in turn,
 *  another every epoch. What is said is written by the model itself. */
export const textAnswering = (of: Asked<'text', WritingModel>): Answering<'text', TextRow> =>
  writtenAnswering(of, { references: ({ answer }) => answer.references, said: (text) => ({ text }) });

const noAnswer = 'unanswerable'; // what is written for it

/** A stretch of the context is written, as T5 answers SQuAD (Raffel et al. 2020); "unanswerable" where there
 *  is none. */
export const spanByWriting = (of: Asked<'span', WritingModel>): Answering<'span', TextRow> =>
  writtenAnswering(of, {
    references({ input, answer: { answers } }) {
      const texts = answers.map(({ from, to }) => input.at(-1)!.slice(from, to));
      return texts.length ? texts : [noAnswer];
    },
    said(text, { input }) {
      if (text === '' || text === noAnswer) return { text: '', from: null, to: null };
      const from = input.at(-1)!.indexOf(text);
      return from < 0 ? { text, from: null, to: null } : { text, from, to: from + text.length };
    },
  });

function writtenAnswering<K extends Kind>(of: Asked<K, WritingModel>, by: Written<K>): Answering<K, TextRow> {
  const { model, dataset, reader, maxLength, front } = of;
  const asked = written(of.answer, mostTokens);
  const maxTokens = asked.maxTokens + front.length;
  const writing = { ...asked, maxTokens };
  const rowOf = (input: readonly string[], reference: string): TextRow => ({
    ...reader.read(input, maxLength),
    ...target(of, reference, maxTokens),
  });
  const losses = (pass: Pass, smoothing = 0): tf.Tensor1D => {
    const targets = pass.batch['targets'] as tf.Tensor2D;
    return tf.sum(opened(model, pass, tokensOf(pass.batch)).losses(targets, smoothing), 1);
  };
  return {
    ...common(of),
    key: { kind: dataset.kind, front },
    fanOut: Math.ceil(maxTokens / tokensOfFewRows),
    positionsBehind: maxTokens,
    room: maxTokens,
    writing,
    rows: (example) => [rowOf(example.input, by.references(example)[0]!)],
    alternatives: (example) => by.references(example).map((reference) => rowOf(example.input, reference)),
    tensors: (rows) => ({ ...textTensors(of, rows), ...targetTensors(rows) }),
    counted: ({ target: { length } }) => length,
    losses: (pass) => weighed(losses(pass, of.smoothing), pass.batch),
    outputs: (pass) => tf.expandDims(losses(pass), 1) as tf.Tensor2D,
    said([output], { example }) {
      const texts = textsIn(output!).map(withoutSentinel);
      return by.said(dataset.choose?.(texts, example) ?? texts[0]!, example);
    },
    likelihood: ([own], { rows: [row] }) => ({
      nats: own![0]!,
      tokens: row!.target.length,
      bytes: row!.bytes,
    }),
  };
}

const tokensOfFewRows = 8; // of answers, for which 64 rows fit into memory at once

function target(
  { model, front }: Pick<Asked<Kind, WritingModel>, 'model' | 'front'>,
  reference: string,
  most: number,
) {
  const tokens = [...front, ...wordTokens(model, reference), model.endId];
  const own = tokens.slice(0, most);
  return {
    target: own,
    bytes: Buffer.byteLength(
      own.length < tokens.length ? model.tokenizer.decode(own.slice(front.length)) : reference,
    ),
  };
}

/** targets int32 [N, U], ignored behind each row's end. */
export function targetTensors(rows: readonly { target: number[] }[]): { targets: tf.Tensor2D } {
  const targets = rows.map((row) => row.target);
  return { targets: idTable(targets, ignoredLabel, targetWidth(Math.max(...targets.map((t) => t.length)))) };
}

/** A row's texts. Throws where only scores are there. */
function textsIn(output: RowOutput): readonly string[] {
  if ('scores' in output) throw new Error('a text is written, and scores were read');
  return output.texts;
}
