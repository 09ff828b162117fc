import * as tf from '@tensorflow/tfjs';

/** What may not, or must, be written next, as transformers' logits processors decide it. */
export interface TokenRules {
  noRepeatNgram: number; // 0: no rule
  forcedFirst: number | undefined;
  forcedLast: number | undefined;
  maxTokens: number;
}

/** Scores [rows, V] under the rules. `texts`: what each row holds so far, its prompt or start included; `step` counts what was generated.
 *  A forced token scores exactly 0, whatever the model thinks of it. */
export function ruled(scores: tf.Tensor2D, texts: readonly number[][], step: number, rules: TokenRules): tf.Tensor2D {
  const forced = forcedToken(step, rules);
  const [rows, v] = scores.shape;
  if (forced !== undefined) {
    const only = Float32Array.from({ length: v }, (_, id) => (id === forced ? 0 : -Infinity));
    return tf.broadcastTo(tf.reshape(tf.tensor1d(only), [1, v]), [rows, v]) as tf.Tensor2D;
  }
  if (rules.noRepeatNgram === 0) return scores;
  const banned = texts.map((text) => bannedTokens(text, rules.noRepeatNgram));
  if (banned.every((ids) => ids.length === 0)) return scores;
  const penalty = new Float32Array(rows * v);
  banned.forEach((ids, row) => ids.forEach((id) => (penalty[row * v + id] = -Infinity)));
  return tf.add(scores, tf.tensor2d(penalty, [rows, v]));
}

function forcedToken(step: number, { forcedFirst, forcedLast, maxTokens }: TokenRules): number | undefined {
  const last = step === maxTokens - 1 ? forcedLast : undefined;
  return last ?? (step === 0 ? forcedFirst : undefined);
}

/** Tokens that would end an n-gram which the text already has. */
export function bannedTokens(text: readonly number[], n: number): number[] {
  const tail = text.slice(text.length - n + 1);
  if (text.length < n) return [];
  const starts = text.slice(0, text.length - n + 1).map((_, i) => i);
  return starts.filter((i) => tail.every((id, j) => text[i + j] === id)).map((i) => text[i + n - 1]!);
}
