import { join } from 'node:path';
import { z } from 'zod';
import type { Restaurant8k } from '#contracts/tasks/restaurant8k.js';
import { type Splits, refuseEmpty } from '../dataset.js';
import type { DataRecord } from '../reading/data-record.js';
import { taking } from '../reading/split.js';
import type { Example, TaggedWords } from '../example.js';
import { taggedReader } from '../reading/reader.js';
import type { TaskDefinition } from '../task.js';
import { tagsDataset, tagWord } from '../kinds/tags.js';

const slots = ['date', 'first_name', 'last_name', 'people', 'time'] as const;
const labels = ['O', ...slots.flatMap((slot) => [`B-${slot}`, `I-${slot}`])];
const salt = 'restaurant8k';
const validationShare = 0.1; // of train_0, from its end: the smaller subsets are its beginning

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
  const whole = yield* examplesOf(config, 'train_0', records);
  const cut = Math.ceil(whole.length * (1 - validationShare));
  const train =
    config.subset === 'train_0' ? whole.slice(0, cut) : yield* examplesOf(config, config.subset, records);
  const test = yield* examplesOf(config, 'test', records);
  const given = {
    name: salt,
    labels,
    labelWords: labels.map((tag) => tagWord(tag, 'spans')),
    train: yield* taking(train, config.train, salt, 'train'),
    validation: yield* taking(whole.slice(cut), config.validation, salt, 'validation'),
    test: yield* taking(test, config.test, salt, 'test'),
  };
  refuseEmpty(given);
  return given;
}

function* examplesOf(
  { path, requestedSlots }: Restaurant8k,
  file: string,
  records: (path: string) => readonly DataRecord[],
): Generator<void, Example<'tags'>[]> {
  const from = join(path, `${file}.json`);
  const examples: Example<'tags'>[] = [];
  for (const { line, fields } of records(from)) {
    yield;
    const { text, spans, requested } = itemOf(`${from}, item ${line}`, fields);
    const before =
      requestedSlots && requested.length ? [...requested.flatMap((slot) => slot.split('_')), ':'] : [];
    const answer = { before, ...taggedWords(text, spans) };
    const kind = file === 'test' ? 'test' : 'train';
    if (answer.words.length)
      examples.push({ id: `${kind}:${line}`, input: [[...before, text].join(' ')], answer });
  }
  return examples;
}

interface CharacterSpan {
  slot: string;
  from: number;
  to: number; // behind its last character
}

interface Item {
  text: string;
  spans: CharacterSpan[];
  requested: string[]; // each once
}

/** An item as published: `startIndex` is left out where it is 0, `labels` and `context` where there are none.
 */
const Published = z.object({
  userInput: z.object({ text: z.string('expected text') }),
  labels: z
    .array(
      z.object({
        slot: z.enum(slots, `expected one of ${slots.join(', ')}`),
        valueSpan: z.object({ startIndex: z.int().min(0).default(0), endIndex: z.int().min(1) }),
      }),
    )
    .default([]),
  context: z.object({ requestedSlots: z.array(z.string()).default([]) }).prefault({}),
});

function itemOf(where: string, fields: DataRecord['fields']): Item {
  const { data, error } = Published.safeParse(fields);
  if (error) {
    const [issue] = error.issues;
    throw new Error(
      `${where}: ${issue!.path.join('.')}: ${issue!.message}; expected an item of restaurant8k as published`,
    );
  }
  const { text } = data.userInput;
  const spans = data.labels.map(({ slot, valueSpan: { startIndex: from, endIndex: to } }) => {
    if (to > text.length || from >= to)
      throw new Error(`${where}: a span of "${slot}" from ${from} to ${to} of ${text.length} characters`);
    return { slot, ...trimmed(text, from, to) };
  });
  return { text, spans, requested: [...new Set(data.context.requestedSlots)].toSorted() };
}

function trimmed(text: string, from: number, to: number): { from: number; to: number } {
  const own = text.slice(from, to);
  return { from: to - own.trimStart().length, to: from + own.trimEnd().length };
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
