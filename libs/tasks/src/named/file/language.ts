import { basename } from 'node:path';
import type { FileLanguage } from '#contracts/tasks/file.js';
import { type Splits, refuseEmpty } from '../../dataset.js';
import type { Example } from '../../example.js';
import { languageDataset } from '../../kinds/language.js';
import { contentIds } from '../../reading/content-ids.js';
import type { DataRecord } from '../../reading/data-record.js';
import { documentsReader } from '../../reading/documents.js';
import { fileOfSplit, refuseSameFile, sharedFile } from '../../reading/split-files.js';
import { type Split, splitOf, taking } from '../../reading/split.js';
import type { TaskDefinition } from '../../task.js';

const salt = 'file';

/** A text file whose documents are predicted as they are. */
export const languageFile: TaskDefinition<FileLanguage, 'language'> = {
  reader: ({ documents }) => documentsReader(documents),
  splits: languageSplits,
  dataset: (splits) => languageDataset(splits),
};

function* languageSplits(
  config: FileLanguage,
  records: (path: string) => readonly DataRecord[],
): Generator<void, Splits<'language'>> {
  refuseSameFile(config);
  const splits: Record<Split, string[]> = { train: [], validation: [], test: [] };
  for (const text of textsOf(records(config.path))) {
    yield;
    splits[fileOfSplit(config, splitOf(text, salt))].push(text);
  }
  for (const split of ['validation', 'test'] as const) {
    const path = config[`${split}Path`];
    if (path) splits[split] = textsOf(records(path));
  }
  const examples = (split: Split) => taking(examplesOf(splits[split]), config, salt, split);
  const given = {
    name: `file ${basename(config.path)}`,
    labels: [],
    labelWords: [],
    train: yield* examples('train'),
    validation: yield* examples('validation'),
    test: yield* examples('test'),
    warnings: sharedFile(config),
  };
  refuseEmpty(given);
  return given;
}

const textsOf = (records: readonly DataRecord[]): string[] =>
  records.map(({ fields }) => fields['text'] as string);

function examplesOf(texts: readonly string[]): Example<'language'>[] {
  const nameOf = contentIds();
  return texts.map((text) => ({ id: nameOf(text), input: [text], answer: {} }));
}
