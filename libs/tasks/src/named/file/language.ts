import { basename, join } from 'node:path';
import { type FileLanguage, languageFolderFiles } from '#contracts/tasks/file.js';
import { type Splits, refuseEmpty } from '../../dataset.js';
import type { Example } from '../../example.js';
import { languageDataset } from '../../kinds/language.js';
import { contentIds } from '../../reading/content-ids.js';
import type { DataRecord } from '../../reading/data-record.js';
import { documentsReader } from '../../reading/documents.js';
import { filesIn } from '../../reading/files-in.js';
import { fileOfSplit, identityOf, refuseSameFile, sharedFile } from '../../reading/split-files.js';
import { type Split, splitOf, taking } from '../../reading/split.js';
import type { TaskDefinition } from '../../task.js';

const salt = 'file';

/** A text file, or those of a folder, whose documents are predicted as they are. */
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
  const main = filesOf(config, config.path);
  const splits: Record<Split, string[]> = { train: [], validation: [], test: [] };
  for (const { path, name } of main)
    for (const text of textsOf(records(path))) {
      yield;
      const place = config.wholeFiles ? name : text;
      splits[fileOfSplit(config, splitOf(place, salt))].push(text);
    }
  for (const split of ['validation', 'test'] as const) {
    const path = config[`${split}Path`];
    if (!path) continue;
    const own = filesOf(config, path);
    refuseShared(`task.${split}Path`, own, main);
    splits[split] = own.flatMap((file) => textsOf(records(file.path)));
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

interface TextFile {
  path: string;
  name: string; // below its folder: where it stands among the splits
}

/** What a path names: a file, or those of a folder, in the order of their names. */
function filesOf(config: FileLanguage, path: string): TextFile[] {
  const patterns = languageFolderFiles(config);
  if (patterns.length === 0) return [{ path, name: basename(path) }];
  const names = new Set(filesIn(path, ...patterns));
  return [...names].toSorted().map((name) => ({ path: join(path, name), name }));
}

/** Throws where one folder lies within the other, or a link leads there: a file would be trained on and
 *  tested on. */
function refuseShared(knob: string, own: readonly TextFile[], main: readonly TextFile[]): void {
  const trained = new Set(main.map(({ path }) => identityOf(path)));
  const shared = own.find(({ path }) => trained.has(identityOf(path)));
  if (shared)
    throw new Error(`${knob}: ${shared.path} is one of the files of task.path: it would be trained on`);
}

const textsOf = (records: readonly DataRecord[]): string[] =>
  records.map(({ fields }) => fields['text'] as string);

function examplesOf(texts: readonly string[]): Example<'language'>[] {
  const nameOf = contentIds();
  return texts.map((text) => ({ id: nameOf(text), input: [text], answer: {} }));
}
