import type { Restaurant8k } from '#contracts/tasks/restaurant8k.js';
import { type Splits, refuseEmpty } from '../dataset.js';
import type { DataRecord } from '../reading/data-record.js';
import { type Split, taking } from '../reading/split.js';
import type { Example, TaggedWords } from '../example.js';
import { taggedReader } from '../reading/reader.js';
import type { TaskDefinition } from '../task.js';
import { tagsDataset, tagWord } from '../kinds/tags.js';
import { type CharacterSpan, type Item, slots, splitItems } from './restaurant8k-items.js';

const labels = ['O', ...slots.flatMap((slot) => [`B-${slot}`, `I-${slot}`])];
const salt = 'restaurant8k';

/** Slots in restaurant bookings (Coope et al. 2020): span F1 by exact match. The data has no validation
 *  split; it is cut from the end of train_0. */
export const restaurant8k: TaskDefinition<Restaurant8k, 'tags'> = {
  reader: () => taggedReader,
  splits: restaurant8kSplits,
  dataset: (splits) => tagsDataset(splits, 'spans'),
};

/** Its splits, a text at a time. */
function* restaurant8kSplits(
  config: Restaurant8k,
  records: (path: string) => readonly DataRecord[],
): Generator<void, Splits<'tags'>> {
  const items = yield* splitItems(config, records);
  const examples = (split: Split) =>
    taking(
      items[split].map((item) => exampleOf(item, split, config)),
      config,
      salt,
      split,
    );
  const given = {
    name: salt,
    labels,
    labelWords: labels.map((tag) => tagWord(tag, 'spans')),
    train: yield* examples('train'),
    validation: yield* examples('validation'),
    test: yield* examples('test'),
  };
  refuseEmpty(given);
  return given;
}

function exampleOf(
  { line, text, spans, requested }: Item,
  split: Split,
  { requestedSlots }: Restaurant8k,
): Example<'tags'> {
  const before =
    requestedSlots && requested.length ? [...requested.flatMap((slot) => slot.split('_')), ':'] : [];
  return {
    id: `${split === 'test' ? 'test' : 'train'}:${line}`,
    input: [[...before, text].join(' ')],
    answer: { before, ...taggedWords(text, spans) },
  };
}

// letters and digits, or one other character, as BERT parts them
const word = /[\p{L}\p{M}\p{N}]+|[^\s\p{L}\p{M}\p{N}]/gu;

/** Spans as B and I tags. Of overlapping spans the one that begins first, and of those the longest, has the
 *  words; the others are lost, and so are those that begin or end within a word. */
function taggedWords(text: string, spans: readonly CharacterSpan[]): Omit<TaggedWords, 'before'> {
  const found = [...text.matchAll(word)].map((m) => ({
    word: m[0],
    from: m.index,
    to: m.index + m[0].length,
  }));
  const tags = found.map(() => 0);
  let [end, lost] = [-1, 0];
  for (const { slot, from, to } of spans.toSorted(
    (a, b) => a.from - b.from || b.to - a.to || (a.slot < b.slot ? -1 : 1),
  )) {
    const [first, last] = [found.findIndex((w) => w.from === from), found.findIndex((w) => w.to === to)];
    if (first < 0 || last < 0 || from < end) {
      lost++;
      continue;
    }
    end = to;
    tags.fill(labels.indexOf(`I-${slot}`), first, last + 1);
    tags[first] = labels.indexOf(`B-${slot}`);
  }
  return { words: found.map((w) => w.word), tags, lost };
}
