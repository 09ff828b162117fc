import { basename } from 'node:path';
import type { SemanticRoles } from '#contracts/tasks/semantic-roles.js';
import { type Splits, refuseEmpty } from '../dataset.js';
import type { Example } from '../example.js';
import { tagsDataset, tagWord } from '../kinds/tags.js';
import { contentIds } from '../reading/content-ids.js';
import type { DataRecord } from '../reading/data-record.js';
import { taggedReader } from '../reading/reader.js';
import { fileOfSplit, refuseSameFile, sharedFile } from '../reading/split-files.js';
import { type Split, splitOf, taking } from '../reading/split.js';
import type { TaskDefinition } from '../task.js';
import { type Proposition, propositionsOf } from './role-columns.js';

const salt = 'semantic-roles';

/** Who does what to whom (Carreras & Màrquez 2005; Pradhan et al. 2012): a predicate of a sentence is one
 *  example, and stands in front of the text. Its roles are spans. A sentence's predicates stay in one
 *  split. */
export const semanticRoles: TaskDefinition<SemanticRoles, 'tags'> = {
  reader: () => taggedReader,
  splits: roleSplits,
  dataset: (splits) => tagsDataset(splits, 'spans'),
};

function* roleSplits(
  config: SemanticRoles,
  records: (path: string) => readonly DataRecord[],
): Generator<void, Splits<'tags'>> {
  refuseSameFile(config);
  const splits: Record<Split, Proposition[]> = { train: [], validation: [], test: [] };
  for (const record of records(config.path)) {
    yield;
    for (const own of propositionsOf(config.path, record, config.format))
      splits[fileOfSplit(config, splitOf(own.words.join(' '), salt))].push(own);
  }
  for (const split of ['validation', 'test'] as const) {
    const path = config[`${split}Path`];
    if (path === null) continue;
    for (const record of records(path)) {
      yield;
      splits[split].push(...propositionsOf(path, record, config.format));
    }
  }
  const roles = new Set(splits.train.flatMap((own) => own.roles.map(({ role }) => role)));
  if (roles.size === 0) throw new Error(`${config.path} has no role of a predicate in its training part`);
  const labels = ['O', ...[...roles].toSorted().flatMap((role) => [`B-${role}`, `I-${role}`])];
  const examples = (split: Split) => taking(examplesOf(splits[split], labels), config, salt, split);
  const given: Splits<'tags'> = {
    name: `semantic-roles ${basename(config.path)}`,
    labels,
    labelWords: labels.map((tag) => tagWord(tag, 'spans')),
    train: yield* examples('train'),
    validation: yield* examples('validation'),
    test: yield* examples('test'),
    warnings: sharedFile(config),
  };
  refuseEmpty(given);
  return given;
}

/** A role that training lacks can not be said, and counts as missed. */
function examplesOf(propositions: readonly Proposition[], labels: readonly string[]): Example<'tags'>[] {
  const nameOf = contentIds();
  return propositions.map(({ words, predicate, roles }) => {
    const tags = words.map(() => 0);
    let lost = 0;
    for (const { role, from, to } of roles) {
      const begin = labels.indexOf(`B-${role}`);
      if (begin < 0) lost++;
      else {
        tags.fill(begin + 1, from, to);
        tags[from] = begin;
      }
    }
    const before = [words[predicate]!, ':'];
    return {
      id: nameOf(JSON.stringify([words, predicate])),
      input: [[...before, ...words].join(' ')],
      answer: { before, words, tags, lost },
    };
  });
}
