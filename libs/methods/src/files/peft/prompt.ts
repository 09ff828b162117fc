import * as tf from '@tensorflow/tfjs';

/** The virtual tokens [P, D] that peft answers with: for an encoder-decoder it saves by default as many
 *  again, which it never reads. What is left out is freed. Throws where there is no matrix. */
export function writtenPrompt(
  rows: tf.Tensor | undefined,
  { num_virtual_tokens: length }: Record<string, unknown>,
): tf.Tensor2D {
  if (rows?.rank !== 2) throw new Error('the adapter has no matrix prompt_embeddings');
  const own = Number(length ?? rows.shape[0]);
  if (rows.shape[0]! % own !== 0)
    throw new Error(`the adapter's prompt_embeddings have ${rows.shape[0]} rows, expected ${own}`);
  if (rows.shape[0] === own) return rows as tf.Tensor2D;
  const prompt = tf.slice(rows as tf.Tensor2D, [0, 0], [own, rows.shape[1]!]);
  rows.dispose();
  return prompt;
}
