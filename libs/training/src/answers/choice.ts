import * as tf from '@tensorflow/tfjs';
import type { Tensors } from '#engine/step/step.js';
import type { Example, Said } from '#tasks/example.js';
import { idTable, ignoredLabel, type Row, targetWidth } from '../rows/row.js';
import {
  type Answering,
  type Asked,
  common,
  likeliest,
  outOfReach,
  type RowOutput,
  textTensors,
  tokensOf,
} from './answering.js';
import { oneBeginsAnother } from './continuations.js';
import { opened, type WritingModel, wordTokens } from './teacher-forcing.js';
import { withoutSentinel, written } from './writing.js';

/** A text with the choices that may follow it. */
export interface WordsRow extends Row {
  choices: number[][]; // the tokens of each
  right: number;
}

const spare = 4; // tokens beyond the longest choice, so that a longer answer is seen to be another

/** One of an example's own choices, by how likely each is behind the text: the sum of its tokens' log p. The
 *  end is among them of an encoder-decoder, of what is written, and where one choice begins another. It is
 *  trained to write the right one, as a label word is. `by` "decoding" compares what is written with the
 *  choices. */
export function choiceByWords(of: Asked<'choice', WritingModel>): Answering<'choice', WordsRow> {
  const { model, dataset, by, reader, maxLength, front, smoothing } = of;
  const tokens = (choices: readonly string[]): number[][] => {
    const words = choices.map((choice) => [...front, ...wordTokens(model, choice)]);
    const ended = by === 'decoding' || model.kind === 'encoder-decoder' || oneBeginsAnother(words);
    return ended ? words.map((ids) => [...ids, model.endId]) : words;
  };
  const every = (['train', 'validation', 'test'] as const).flatMap((split) =>
    dataset[split].map((e) => e.answer.choices),
  );
  const longest = Math.max(1, ...every.flatMap(tokens).map((ids) => ids.length));
  const most = Math.max(1, ...every.map((choices) => choices.length));
  const writing = by === 'decoding' ? written(of.answer, longest + spare) : undefined;
  return {
    ...common(of),
    key: { kind: 'choice', by, front },
    ...(writing && { writing }),
    fanOut: most,
    positionsBehind: Math.max(longest - 1, writing?.maxTokens ?? 0),
    room: longest + spare,
    rows: ({ input, answer: { choices, right } }) => [
      { ...reader.read(input, maxLength), choices: tokens(choices), right },
    ],
    tensors: (rows) => ({ ...textTensors(of, rows), ...choiceTensors(rows) }),
    losses(pass) {
      const targets = pass.batch['targets'] as tf.Tensor2D;
      const sums = tf.sum(opened(model, pass, tokensOf(pass.batch)).losses(targets, smoothing), 1);
      return tf.div(sums, tf.sum(tf.cast(tf.notEqual(targets, ignoredLabel), 'float32'), 1));
    },
    outputs(pass) {
      const [rows, choices, width] = pass.batch['choices']!.shape as [number, number, number];
      const targets = tf.reshape(pass.batch['choices']!, [rows * choices, width]) as tf.Tensor2D;
      const text = opened(model, pass, tokensOf(pass.batch)).repeated(choices);
      const sums = tf.reshape(tf.sum(text.losses(targets), 1), [rows, choices]);
      return tf.sub(pass.batch['absent']!, sums) as tf.Tensor2D;
    },
    said([output], { example, rows: [row] }) {
      if ('scores' in output!) return saidOf(output, example);
      const text = withoutSentinel(output!.texts[0]!);
      // without their ends
      const each = row!.choices.map((ids) => model.tokenizer.decode(ids.slice(front.length, -1)).trim());
      const choice = each.indexOf(text);
      return { choice: choice < 0 ? null : choice, text };
    },
    likelihood([own], { example, rows: [row] }) {
      const { choices, right } = example.answer;
      return {
        nats: -own![right]!,
        tokens: row!.choices[right]!.length,
        bytes: Buffer.byteLength(choices[right]!),
      };
    },
  };
}

/** The likeliest of the example's choices by their scores; what other examples have more of is left out. */
export function saidOf(
  output: RowOutput & { scores: Float32Array },
  { answer }: Example<'choice'>,
): Said['choice'] {
  const scores = output.scores.slice(0, answer.choices.length);
  return { choice: likeliest(scores), scores };
}

/** choices int32 [N, C, U], absent [N, C] with -1e9 where a row has fewer, and targets int32 [N, U] of what
 *  is right. */
function choiceTensors(rows: readonly WordsRow[]): Tensors {
  const most = Math.max(...rows.map((row) => row.choices.length));
  const width = targetWidth(Math.max(...rows.flatMap((row) => row.choices.map((ids) => ids.length))));
  const all = rows.flatMap(({ choices }) =>
    Array.from({ length: most }, (_, c) => choices[c] ?? choices[0]!),
  );
  return {
    choices: tf.tidy(() => tf.reshape(idTable(all, ignoredLabel, width), [rows.length, most, width])),
    targets: idTable(rows.map((row) => row.choices[row.right]!), ignoredLabel, width), // prettier-ignore
    absent: absentTensor(rows.map((row) => row.choices.length), most), // prettier-ignore
  };
}

/** [N, most]: 0 for the choices that a row has, -1e9 behind them. */
export function absentTensor(counts: readonly number[], most: number): tf.Tensor2D {
  const flat = counts.flatMap((count) =>
    Array.from({ length: most }, (_, c) => (c < count ? 0 : outOfReach)),
  );
  return tf.tensor2d(flat, [counts.length, most]);
}
