import * as tf from '@tensorflow/tfjs';
import { aroundMask, wordsAfterMask } from '#contracts/open-place.js';
import { wordsAfterMaskIssue } from '#contracts/unanswerable.js';
import { softmaxCrossEntropy } from '#engine/ops/softmax-cross-entropy.js';
import type { DecoderModel, EncoderDecoderModel, EncoderModel, Model } from '#models/model.js';
import { joined } from '#tasks/example.js';
import { ignoredLabel, type Row } from '../rows/row.js';
import {
  type Answering,
  type Asked,
  common,
  type Pass,
  scoresIn,
  textTensors,
  tokensOf,
} from './answering.js';
import { logSumExp } from './class.js';
import { atMask } from './mask.js';
import { opened, wordTokens } from './teacher-forcing.js';

/** A text with one open place. */
export interface ClozeRow extends Row {
  word: number; // the one token of the right word; ignoredLabel where it is none or several
}

/** How a kind of model fills the place. */
interface Filling {
  key: unknown;
  ids(text: string): number[];
  /** The word's tokens as they stand there. */
  word(word: string): number[];
  /** Logits [N, V] of the place. */
  logits(pass: Pass): tf.Tensor2D;
}

const mostWords = 10; // of the likeliest that are told

/** A masked language model says what stands at the mask (Petroni et al. 2019, LAMA). */
export function clozeOfEncoder(of: Asked<'cloze', EncoderModel>): Answering<'cloze', ClozeRow> {
  const { model, maxLength } = of;
  const { tokenizer } = model;
  if (!model.maskLogits)
    throw new Error('the backbone has no masked-language-model head; expected one to fill {mask}');
  const mask = model.family === 'bert' ? '[MASK]' : '<mask>';
  const maskId = tokenizer.idOf(mask);
  const spaced = model.family === 'roberta';
  return clozeBy(of, {
    key: { maskId },
    ids(text) {
      const [before, behind] = aroundMask(text);
      const own = [...tokenizer.encodePlain(before.trimEnd()), maskId, ...tokenizer.encodePlain(behind)];
      const around = tokenizer.encode('');
      const open = tokenizer.encodeOpen('');
      const kept = windowAround(own, own.indexOf(maskId), Math.max(1, maxLength - around.length));
      return [...open, ...kept, ...around.slice(open.length)];
    },
    word: (word) => tokenizer.encodePlain(spaced ? ` ${word}` : word),
    logits: (pass) => atMask(model, pass, maskId),
  });
}

/** A decoder goes on with the word: its place must be the text's end, but for punctuation. */
export function clozeOfDecoder(of: Asked<'cloze', DecoderModel>): Answering<'cloze', ClozeRow> {
  const { model, maxLength } = of;
  return clozeBy(of, {
    key: {},
    ids(text) {
      const [before] = aroundMask(text);
      const words = wordsAfterMask(text);
      if (words !== null) throw new Error(wordsAfterMaskIssue(JSON.stringify(words), 'the backbone'));
      const { ids } = of.reader.read([before.trimEnd()], Infinity);
      return ids.slice(-maxLength);
    },
    word: (word) => wordTokens(model, word),
    logits: (pass) => opened(model, pass, tokensOf(pass.batch)).next([]),
  });
}

/** T5 writes the word behind the sentinel that stands at its place (Raffel et al. 2020 §3.1.4). */
export function clozeOfEncoderDecoder(of: Asked<'cloze', EncoderDecoderModel>): Answering<'cloze', ClozeRow> {
  const { model, maxLength } = of;
  const { tokenizer } = model;
  const sentinel = tokenizer.idOf('<extra_id_0>');
  return clozeBy(of, {
    key: { sentinel },
    ids(text) {
      const [before, behind] = aroundMask(text);
      const own = [...tokenizer.encodePlain(before.trimEnd()), sentinel, ...tokenizer.encodePlain(behind)];
      const ends = tokenizer.encode('');
      return [...windowAround(own, own.indexOf(sentinel), Math.max(1, maxLength - ends.length)), ...ends];
    },
    word: (word) => tokenizer.encodePlain(word),
    logits: (pass) => opened(model, pass, tokensOf(pass.batch)).next([sentinel]),
  });
}

/** By the logits at the place: the right word's rank among all tokens, among an example's candidates, or
 *  among the words that the dataset names for all of them. */
function clozeBy(
  of: Asked<'cloze', Model>,
  { key, ids, word, logits }: Filling,
): Answering<'cloze', ClozeRow> {
  const { tokenizer } = of.model;
  const one = (text: string): number | null => {
    const own = word(text);
    return own.length === 1 ? own[0]! : null;
  };
  const idsOf = (words: readonly string[]): number[] =>
    [...new Set(words.map(one).filter((id) => id !== null))].toSorted((a, b) => a - b);
  const shared = of.dataset.labels.length > 0 ? idsOf(of.dataset.labels) : null;
  return {
    ...common(of),
    key: { kind: 'cloze', ...(key as object) },
    rows: ({ input, answer }) => [{ ids: ids(joined(input)), word: one(answer.word) ?? ignoredLabel }],
    tensors: (rows) => ({
      ...textTensors(of, rows),
      words: tf.tensor1d(rows.map((row) => row.word), 'int32'),
    }), // prettier-ignore
    outputs: logits,
    losses: (pass) => softmaxCrossEntropy(logits(pass), pass.batch['words'] as tf.Tensor1D, of.smoothing),
    likelihoodOnDemand: true,
    likelihood([own], { example, rows: [row] }) {
      const { word } = row!;
      if (word === ignoredLabel) return { nats: 0, tokens: 0, bytes: 0 }; // no one token, and not trained on
      return {
        nats: logSumExp(own!) - own![word]!,
        tokens: 1,
        bytes: Buffer.byteLength(example.answer.word),
      };
    },
    said([output], { example, rows: [row] }) {
      const scores = scoresIn(output!);
      const { candidates } = example.answer;
      const among = candidates ? idsOf(candidates) : shared;
      return {
        rank: rankOf(row!.word, scores, among),
        words: best(among ?? scores.keys(), scores).map((id) => tokenizer.decode([id]).trim()),
      };
    },
  };
}

/** From 1; null where the word is not one token, or no candidate. `among`: the candidates; of equal scores
 *  the lower id comes first among them. */
function rankOf(word: number, scores: Float32Array, among: readonly number[] | null): number | null {
  if (word === ignoredLabel) return null;
  const own = scores[word]!;
  if (!among) return 1 + scores.reduce((n, score) => n + Number(score > own), 0);
  if (!among.includes(word)) return null;
  const isBefore = (id: number) => scores[id]! > own || (scores[id] === own && id < word);
  return 1 + among.reduce((n, id) => n + Number(isBefore(id)), 0);
}

/** Those of these ids, which ascend, that score most: best first, the lower of equals before. */
function best(ids: Iterable<number>, scores: Float32Array): number[] {
  const found: number[] = [];
  for (const id of ids) {
    const score = scores[id]!;
    if (found.length === mostWords && score <= scores[found.at(-1)!]!) continue;
    const at = found.findIndex((other) => scores[other]! < score);
    found.splice(at < 0 ? found.length : at, 0, id);
    if (found.length > mostWords) found.pop();
  }
  return found;
}

/** As many ids as fit, the one at `at` among them: what is far from it is cut. */
function windowAround(ids: readonly number[], at: number, most: number): number[] {
  if (ids.length <= most) return [...ids];
  const start = Math.min(Math.max(0, at - Math.floor(most / 2)), ids.length - most);
  return ids.slice(start, start + most);
}
