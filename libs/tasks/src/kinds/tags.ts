import { type Dataset, hashOf, type Splits, refuseEmpty } from '../dataset.js';
import { type Metric, metric } from '../metrics/metric.js';
import { spanScores } from '../metrics/spans.js';
import { majorityTag, wordTags } from './tags-references.js';

export type Scheme = 'spans' | 'plain';

/** What a tag of spans looks like. */
export const spanTag = /^([BIES]-.+|O)$/;

/** A dataset whose words have tags. Spans are scored by micro-averaged F1 of whole spans, which chooses
 *  checkpoints, and by the share of words whose tag is right; plain tags by that share alone. A word without
 *  a tag is outside every span, and wrong. Throws where a split is empty. */
export function tagsDataset(splits: Splits<'tags'>, scheme: Scheme): Dataset<'tags'> {
  refuseEmpty(splits);
  const by = scheme === 'spans' ? 'f1' : 'accuracy';
  const dataset: Dataset<'tags'> = {
    ...splits,
    kind: 'tags',
    metrics:
      scheme === 'spans' ? [...Object.values(spanMetrics(splits.labels)), tokenAccuracyOf] : [wordAccuracyOf],
    validateBy: by,
    reportBy: by,
    references: { majority: () => majorityTag(dataset), 'word-tags': () => wordTags(dataset) },
    hash: hashOf(splits),
  };
  return dataset;
}

/** What a verbalizer, or a prompt that begins as label words, says for a tag. */
export function tagWord(tag: string, scheme: Scheme): string {
  if (scheme === 'plain') return tag;
  return tag === 'O' ? 'other' : tag.slice(2).replaceAll(/[_-]+/g, ' ');
}

type TagsMetric = Metric<'tags'> & { needs: 'said' };

/** Share of words whose tag was said. */
const wordShare: TagsMetric['of'] = (examples, said) => {
  let [words, right] = [0, 0];
  for (const [i, { answer }] of examples.entries()) {
    const { tags } = said[i]!;
    if (tags.length !== answer.words.length)
      throw new Error(`${tags.length} tags for ${answer.words.length} words`);
    words += answer.words.length;
    for (const [w, tag] of answer.tags.entries()) right += Number(tags[w] === tag);
  }
  return right / words;
};

/** That share beside the scores of spans, and alone. */
export const tokenAccuracyOf: TagsMetric = metric('tokenAccuracy', wordShare);
export const wordAccuracyOf: TagsMetric = metric('accuracy', wordShare);

/** F1, precision and recall of whole spans (metrics/spans.ts). */
export function spanMetrics(labels: readonly string[]): Record<'f1' | 'precision' | 'recall', TagsMetric> {
  const named = (tags: readonly (number | null)[]) => tags.map((t) => (t === null ? 'O' : labels[t]!));
  const scored = (name: 'f1' | 'precision' | 'recall'): TagsMetric =>
    metric(name, (examples, said) => {
      const lost = examples.reduce((sum, { answer }) => sum + answer.lost, 0);
      const [expected, found] = [examples.map((e) => named(e.answer.tags)), said.map((s) => named(s.tags))];
      return spanScores(expected, found, lost)[name];
    });
  return { f1: scored('f1'), precision: scored('precision'), recall: scored('recall') };
}
