import type { Said } from '../example.js';
import type { Dataset } from '../dataset.js';

type TagsDataset = Dataset<'tags'>;
type Answer = Said['tags'];

/** The most frequent training tag, said of every word of the test examples. */
export function majorityTag({ train, labels, test }: TagsDataset): Answer[] {
  const counts = new Array<number>(labels.length).fill(0);
  for (const { answer } of train) for (const tag of answer.tags) counts[tag]!++;
  const tag = commonest(counts);
  return test.map(({ answer }) => ({ tags: answer.words.map(() => tag) }));
}

/** Each word's most frequent training tag, whatever stands around it. A word that training lacks takes the
 *  most frequent tag of all. What a tagger must beat to have used context at all. */
export function wordTags(dataset: TagsDataset): Answer[] {
  const counts = new Map<string, number[]>();
  for (const {
    answer: { words, tags },
  } of dataset.train) {
    for (const [i, word] of words.entries()) {
      const own = counts.get(word) ?? new Array<number>(dataset.labels.length).fill(0);
      own[tags[i]!]!++;
      counts.set(word, own);
    }
  }
  const known = new Map([...counts].map(([word, own]) => [word, commonest(own)]));
  const fallback = majorityTag(dataset);
  return dataset.test.map(({ answer }, e) => ({
    tags: answer.words.map((word, i) => known.get(word) ?? fallback[e]!.tags[i]!),
  }));
}

const commonest = (counts: readonly number[]): number => counts.indexOf(Math.max(...counts));
