/** Restaurant8k's files (Coope et al. 2020), and where its validation split is cut. */
import { join } from 'node:path';
import { z } from 'zod';
import type { Restaurant8k } from '#contracts/tasks/restaurant8k.js';
import type { DataRecord } from '../reading/data-record.js';

export const slots = ['date', 'first_name', 'last_name', 'people', 'time'] as const;
export type Slot = (typeof slots)[number];

const validationShare = 0.1; // of train_0, from its end: the smaller subsets are its beginning

export interface CharacterSpan {
  slot: Slot;
  from: number;
  to: number; // behind its last character
}

export interface Item {
  line: number;
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

type Records = (path: string) => readonly DataRecord[];

/** The items of each split: the subset's, the end of train_0, the test file's. Throws an Error naming file,
 *  item and field. */
export function* splitItems(
  { path, subset }: Pick<Restaurant8k, 'path' | 'subset'>,
  records: Records,
): Generator<void, { train: Item[]; validation: Item[]; test: Item[] }> {
  const whole = yield* itemsOf(join(path, 'train_0.json'), records);
  const cut = Math.ceil(whole.length * (1 - validationShare));
  const train =
    subset === 'train_0' ? whole.slice(0, cut) : yield* itemsOf(join(path, `${subset}.json`), records);
  const test = yield* itemsOf(join(path, 'test.json'), records);
  return { train, validation: whole.slice(cut), test };
}

function* itemsOf(path: string, records: Records): Generator<void, Item[]> {
  const items: Item[] = [];
  for (const { line, fields } of records(path)) {
    yield;
    const item = { line, ...itemOf(`${path}, item ${line}`, fields) };
    if (item.text.trim() !== '') items.push(item);
  }
  return items;
}

function itemOf(where: string, fields: DataRecord['fields']): Omit<Item, 'line'> {
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
