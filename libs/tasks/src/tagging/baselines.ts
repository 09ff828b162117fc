import type { Dataset } from '../task.js';
import { taggedOf } from './tagged-dataset.js';

/** Test predictions of the most frequent training tag, for every word. */
export function majorityTag({ train, labels, test }: Dataset): Int32Array {
  const counts = new Array<number>(labels.length).fill(0);
  for (const example of train) for (const tag of taggedOf(example).tags) counts[tag]!++;
  return new Int32Array(test.reduce((n, e) => n + taggedOf(e).words.length, 0)).fill(commonest(counts));
}

/** Test predictions of each word's most frequent training tag, whatever stands around it; a word that training had not takes the most frequent
 *  tag of all. What a tagger must beat to have used context at all. */
export function wordTags(dataset: Dataset): Int32Array {
  const counts = new Map<string, number[]>();
  for (const { words, tags } of dataset.train.map(taggedOf)) {
    for (const [i, word] of words.entries()) {
      const own = counts.get(word) ?? new Array<number>(dataset.labels.length).fill(0);
      own[tags[i]!]!++;
      counts.set(word, own);
    }
  }
  const predictions = majorityTag(dataset);
  const known = new Map([...counts].map(([word, own]) => [word, commonest(own)]));
  for (const [i, word] of dataset.test.flatMap((e) => taggedOf(e).words).entries())
    predictions[i] = known.get(word) ?? predictions[i]!;
  return predictions;
}

const commonest = (counts: readonly number[]): number => counts.indexOf(Math.max(...counts));
