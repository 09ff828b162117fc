import { join } from 'node:path';
import { type E2e, e2eFolderFiles } from '#contracts/tasks/e2e.js';
import type { Splits } from '../dataset.js';
import { textDataset } from '../kinds/text.js';
import { e2eSlots, slotErrors } from '../metrics/slot-error.js';
import type { DataRecord } from '../reading/data-record.js';
import { textOf } from '../reading/fields.js';
import { rowsReader } from '../reading/reader.js';
import type { SplitFiles } from '../reading/split-files.js';
import type { TaskDefinition } from '../task.js';
import { joinedRows, referencesOf } from './file/references.js';
import { rowSplits } from './file/splits.js';

/** What the challenge reports, BLEU with case and without, and before it what is cheap to choose by. */
const usual = ['loss', 'bleu', 'bleuLower', 'nist', 'meteor', 'rougeL', 'cider', 'slotErrorRate'] as const;

/** Restaurants as slots, told in texts (Novikova et al. 2017; cleaned by Dušek et al. 2019). Files have the
 *  columns mr and ref; cleaned ones have orig_mr too. */
export const e2e: TaskDefinition<E2e, 'text'> = {
  reader: () => rowsReader(),
  splits: e2eSplits,
  dataset: (splits, { metrics }) => textDataset(splits, metrics ?? usual),
  choose: ({ rerank, input }) =>
    rerank === 'slotErrors'
      ? (texts, { input: [read] }) => leastWrong(texts, input === 'fields' ? meaningIn(read!) : read!)
      : undefined,
};

/** The text with the fewest slot errors, the first of several. Dušek and Jurčíček (2016, §4) punish beams by
 *  what a classifier misses or finds too much in them; patterns find it here. */
function leastWrong(texts: readonly string[], meaning: string): string {
  const slots = e2eSlots(meaning);
  const wrong = texts.map((text) => {
    const { added, missing, wrong, repeated } = slotErrors(text, slots);
    return added + missing + wrong + repeated;
  });
  return texts[wrong.indexOf(Math.min(...wrong))]!;
}

/** Its splits, a row at a time. What is cut off the training file parts no meaning, or no restaurant. */
function* e2eSplits(
  config: E2e,
  records: (path: string) => readonly DataRecord[],
): Generator<void, Splits<'text'>> {
  const { meaning: column, groupBy, input, trainOn, train, draw, validation, test } = config;
  const given = yield* rowSplits<'text'>(
    { ...filesOf(config), groupBy: null, train, draw, validation, test },
    records,
    {
      hidden: ['ref'],
      templates: [`{${column}}`],
      answer(record, path, place) {
        const meaning = textOf(record, column, { path, knob: 'task.meaning' });
        const reference = textOf(record, 'ref', { path, knob: 'task.name: e2e' });
        if (reference.trim() === '') throw new Error(`${place}: no text in "ref"`);
        refuseUnknown(meaning, place);
        return { references: [reference], meaning };
      },
      splitBy: ({ fields }) => (groupBy === null ? String(fields[column]) : nameIn(String(fields[column]))),
      finished: ([meaning]) => [input === 'fields' ? fieldsText(meaning!) : meaning!],
      examplesOf: trainOn === 'meanings' ? joinedRows : referencesOf,
      warnings: [],
    },
  );
  return { ...given, name: 'e2e' };
}

/** The restaurant of a meaning; those without a name are one. */
const nameIn = (meaning: string): string => /(?:^|,)\s*name\[([^\]]*)\]/.exec(meaning)?.[1] ?? '';

function filesOf(config: E2e): SplitFiles {
  const { path, validationPath, testPath } = config;
  const names = e2eFolderFiles(config);
  if (!names) return { path, validationPath, testPath };
  const at = (name: string) => join(path, name);
  return { path: at(names.train), validationPath: at(names.validation), testPath: at(names.test) };
}

/** Throws an Error that begins with the place where a meaning is none of E2E's, so that no slot error could
 *  be counted. */
function refuseUnknown(meaning: string, place: string): void {
  try {
    e2eSlots(meaning);
  } catch (cause) {
    throw new Error(`${place}: ${(cause as Error).message}`, { cause });
  }
}

/** How Li & Liang (2021) call slots; others keep their names. */
const called: Record<string, string> = {
  eatType: 'Type',
  priceRange: 'price',
  familyFriendly: 'family friendly',
};

const slotCalled = new Map(Object.entries(called).map(([slot, name]) => [name, slot]));

/** The meaning of which `fieldsText` made the text. Throws an Error where it made none such. */
export const meaningIn = (text: string): string =>
  text
    .split(' | ')
    .map((field) => {
      const [, name, value] = /^(.+?) : (.*)$/.exec(field) ?? [];
      if (name === undefined)
        throw new Error(
          `${JSON.stringify(field)} is no slot; expected one as in "name : Zizzi | food : Italian"`,
        );
      return `${slotCalled.get(name) ?? name}[${value}]`;
    })
    .join(', ');

/** "name[Aromi], eatType[pub]" as "name : Aromi | Type : pub". A slot that stands twice stands twice. */
export const fieldsText = (meaning: string): string =>
  Array.from(meaning.matchAll(/([^,[\]]+)\[([^\]]*)\]/g), ([, slot, value]) => {
    const name = slot!.trim();
    return `${called[name] ?? name} : ${value!.trim()}`;
  }).join(' | ');
