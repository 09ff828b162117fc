import { createHash } from 'node:crypto';
import { type Parts, refuseEmpty } from '../dataset.js';
import { spanScores } from '../metrics/spans.js';
import type { Dataset, Example, TaggedWords } from '../task.js';

export type Scheme = 'spans' | 'plain';

/** What a tag of spans looks like. */
export const spanTag = /^([BIES]-.+|O)$/;

/** A dataset whose words have tags. Spans are scored by micro-averaged F1 of whole spans, which chooses checkpoints, and beside it by the share of
 *  words whose tag is right; plain tags by that share alone. A word of prediction -1 is outside every span, and wrong. Throws where a split is
 *  empty. */
export function taggedDataset(parts: Parts, scheme: Scheme): Dataset {
  refuseEmpty(parts);
  return {
    ...parts,
    tagging: true,
    selectBy: scheme === 'spans' ? 'f1' : 'accuracy',
    score: (split, predictions) => scored(parts[split].map(taggedOf), parts.labels, predictions, scheme),
    hash: hashOf(parts),
  };
}

export function taggedOf({ id, tagged }: Example): TaggedWords {
  if (!tagged) throw new Error(`example ${id} has no tagged words`);
  return tagged;
}

/** What a verbalizer, or a prompt that begins as label words, says for a tag. */
export function tagWord(tag: string, scheme: Scheme): string {
  if (scheme === 'plain') return tag;
  return tag === 'O' ? 'other' : tag.slice(2).replaceAll(/[_-]+/g, ' ');
}

function scored(
  examples: readonly TaggedWords[],
  labels: readonly string[],
  predictions: Int32Array,
  scheme: Scheme,
): Record<string, number> {
  const words = examples.reduce((sum, e) => sum + e.words.length, 0);
  if (predictions.length !== words) throw new Error(`${predictions.length} predictions for ${words} words`);
  const right = rightWords(examples, predictions) / words;
  if (scheme === 'plain') return { accuracy: right };
  let at = 0;
  const expected = examples.map(({ tags }) => tags.map((t) => labels[t]!));
  const said = expected.map(({ length }) => Array.from(predictions.subarray(at, (at += length)), (p) => labels[p] ?? 'O'));
  const lost = examples.reduce((sum, e) => sum + e.lost, 0);
  return { ...spanScores(expected, said, lost), tokenAccuracy: right };
}

function rightWords(examples: readonly TaggedWords[], predictions: Int32Array): number {
  let [at, right] = [0, 0];
  for (const { tags } of examples) for (const tag of tags) right += Number(predictions[at++] === tag);
  return right;
}

function hashOf(parts: Parts): string {
  const hash = createHash('sha256').update(JSON.stringify(parts.labels));
  for (const split of ['train', 'validation', 'test'] as const)
    for (const { id, tagged } of parts[split]) hash.update(JSON.stringify([split, id, tagged]));
  return hash.digest('hex');
}
