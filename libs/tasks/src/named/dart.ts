import { z } from 'zod';
import type { Dart } from '#contracts/tasks/dart.js';
import type { Splits } from '../dataset.js';
import { textDataset } from '../kinds/text.js';
import type { DataRecord } from '../reading/data-record.js';
import { FieldError, placeIn } from '../reading/fields.js';
import { rowsReader } from '../reading/reader.js';
import type { TaskDefinition } from '../task.js';
import { referencesOf } from './file/references.js';
import { rowSplits } from './file/splits.js';

/** BLEU, METEOR and TER as DART's scripts have them (as WebNLG's), and before them what is cheap to choose
 *  by. */
const usual = ['loss', 'bleu', 'bleuLower', 'meteor', 'terNormalized'] as const;

/** Triples told in texts (Nan et al. 2021): items with `tripleset` and `annotations`. Trained on each text
 *  alone; elsewhere a set of triples is one example. Sets of equal triples stand in one split. */
export const dart: TaskDefinition<Dart, 'text'> = {
  reader: () => rowsReader(),
  splits: dartSplits,
  dataset: (splits, { metrics }) => textDataset(splits, metrics ?? usual),
};

const text = z.string('expected text').refine((s) => s.trim() !== '', 'expected text that is not empty');

const Item = z.object({
  tripleset: z
    .array(z.array(z.string('expected text')).length(3, 'expected subject, relation and object'))
    .min(1, 'expected a triple or more'),
  annotations: z.array(z.object({ text })).min(1, 'expected a text or more'),
});

function* dartSplits(
  config: Dart,
  records: (path: string) => readonly DataRecord[],
): Generator<void, Splits<'text'>> {
  const { references: most } = config;
  const given = yield* rowSplits<'text'>(
    { ...config, groupBy: null },
    (path) => flattened(path, records(path)),
    {
      hidden: ['texts'],
      templates: ['{triples}'],
      answer: ({ fields }) => ({ references: [...(fields['texts'] as string[])] }),
      splitBy: ({ fields }) => fields['triples'] as string,
      examplesOf: (rows, split) =>
        referencesOf(rows, split).map((row) =>
          split === 'train' || most === null
            ? row
            : { ...row, answer: { references: row.answer.references.slice(0, most) } },
        ),
      warnings: [],
    },
  );
  return { ...given, name: 'dart' };
}

/** Items with their triples as one text, "subject : relation : object | …", as Li & Liang (2021) write
 *  them. */
function flattened(path: string, records: readonly DataRecord[]): DataRecord[] {
  return records.map((record) => {
    const { success, data, error } = Item.safeParse(record.fields);
    if (!success) {
      const { path: at, message } = error.issues[0]!;
      throw new FieldError(`${placeIn(path, record)}: ${at.join('.')}: ${message}; expected an item of DART`);
    }
    const triples = data.tripleset.map((triple) => triple.join(' : ')).join(' | ');
    return { line: record.line, fields: { triples, texts: data.annotations.map((a) => a.text) } };
  });
}
