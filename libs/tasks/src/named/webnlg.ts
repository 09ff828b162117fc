import { join } from 'node:path';
import { type WebNlg, webNlgFiles } from '#contracts/tasks/webnlg.js';
import { type Splits, refuseEmpty } from '../dataset.js';
import type { Example } from '../example.js';
import { textDataset } from '../kinds/text.js';
import { withGroups } from '../metrics/of-group.js';
import type { DataRecord } from '../reading/data-record.js';
import { placeIn } from '../reading/fields.js';
import { filesIn } from '../reading/files-in.js';
import { type Split, taking } from '../reading/split.js';
import { repeatedTexts } from '../reading/suspicious-rows.js';
import type { TaskDefinition } from '../task.js';
import { type WebNlgEntry, webNlgReader } from './webnlg-entries.js';

const salt = 'webnlg';

/** BLEU, METEOR and TER as the challenge's scripts have them: the first and last without case, TER with
 *  punctuation apart. */
const usual = ['loss', 'bleu', 'bleuLower', 'meteor', 'terNormalized'] as const;

/** Test categories that are trained on, and those that are not. */
const seen = 'seen';
const unseen = 'unseen';

type Placed = Example<'text'> & { place: string };

/** Triples of DBpedia told in texts (Gardent et al. 2017). Trained on each text that annotators found good;
 *  an entry of the other splits is one example with all its texts. Written metrics are told of seen and
 *  unseen categories too. */
export const webNlg: TaskDefinition<WebNlg, 'text'> = {
  reader: () => webNlgReader,
  splits: webNlgSplits,
  dataset(splits, { metrics }) {
    const dataset = textDataset(splits, metrics ?? usual);
    return { ...dataset, metrics: withGroups(dataset.metrics, [seen, unseen]) };
  },
};

function* webNlgSplits(
  config: WebNlg,
  records: (path: string) => readonly DataRecord[],
): Generator<void, Splits<'text'>> {
  const splits: Record<Split, Placed[]> = { train: [], validation: [], test: [] };
  const categories = new Set<string>();
  for (const split of ['train', 'validation', 'test'] as const)
    for (const file of filesIn(config.path, webNlgFiles[split])) {
      const path = join(config.path, file);
      for (const record of records(path)) {
        yield;
        const entry = record.fields as unknown as WebNlgEntry;
        if (split === 'train') categories.add(entry.category);
        const group = categories.has(entry.category) ? seen : unseen;
        const place = placeIn(path, record);
        for (const example of examplesOf(entry, split))
          splits[split].push({ ...example, id: `${file}:${example.id}`, group, place });
      }
    }
  const rows = (split: Split) => splits[split].map(({ place, input }) => ({ place, input, label: '' }));
  const warnings = yield* repeatedTexts(
    { train: rows('train'), validation: rows('validation'), test: rows('test') },
    {},
  );
  const examples = (split: Split) =>
    taking(
      splits[split].map(({ place: _place, ...example }) => example),
      config,
      salt,
      split,
    );
  const given: Splits<'text'> = {
    name: salt,
    labels: [],
    labelWords: [],
    train: yield* examples('train'),
    validation: yield* examples('validation'),
    test: yield* examples('test'),
    warnings,
  };
  refuseEmpty(given);
  return given;
}

/** An entry as a split has it: each good text alone, or all of them. */
function examplesOf({ number, triples, texts }: WebNlgEntry, split: Split): Example<'text'>[] {
  const input = [triples.map((triple) => triple.join(' : ')).join(' | ')]; // as Li & Liang (2021) write them
  if (split !== 'train')
    return [{ id: `${number}`, input, answer: { references: texts.map(({ text }) => text) } }];
  return texts.flatMap(({ text, good }, i) =>
    good ? [{ id: `${number}:${i}`, input, answer: { references: [text] } }] : [],
  );
}
