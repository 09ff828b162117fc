import type { WordnetHypernyms } from '#contracts/tasks/wordnet-hypernyms.js';
import { nounSynsets, type Synset } from '../corpora/wordnet.js';
import { type Splits, refuseEmpty } from '../dataset.js';
import type { Example } from '../example.js';
import { clozeDataset } from '../kinds/cloze.js';
import { rowsReader } from '../reading/reader.js';
import { type Split, splitOf, taking } from '../reading/split.js';
import type { TaskDefinition } from '../task.js';

const salt = 'wordnet-hypernyms';

/** What a noun is a kind of, by WordNet, as a probe (as Petroni et al. 2019 probe for ConceptNet's IsA). A
 *  synset is one example: its first word, and the first word of its first hypernym, where that is one
 *  word. */
export const wordnetHypernyms: TaskDefinition<WordnetHypernyms, 'cloze'> = {
  reader: () => rowsReader(), // of no file: the synsets come along
  splits: hypernymSplits,
  dataset: (splits) => clozeDataset(splits),
};

interface Probe {
  id: string;
  noun: string;
  hypernym: string;
}

function* hypernymSplits(config: WordnetHypernyms): Generator<void, Splits<'cloze'>> {
  const probes = probesOf(nounSynsets());
  const counts = new Map<string, number>();
  for (const { hypernym } of probes) counts.set(hypernym, (counts.get(hypernym) ?? 0) + 1);
  const splits: Record<Split, Example<'cloze'>[]> = { train: [], validation: [], test: [] };
  for (const { id, noun, hypernym } of probes) {
    yield;
    if (counts.get(hypernym)! < config.atLeast) continue;
    const input = [config.template.replace('{word}', () => withArticle(noun))];
    splits[splitOf(id, salt)].push({ id, input, answer: { word: hypernym } });
  }
  const examples = (split: Split) => taking(splits[split], config, salt, split);
  const given: Splits<'cloze'> = {
    name: salt,
    labels: [],
    labelWords: [],
    train: yield* examples('train'),
    validation: yield* examples('validation'),
    test: yield* examples('test'),
  };
  refuseEmpty(given);
  return given;
}

const isCommon = (words: string): boolean => /^[a-z][a-z -]*$/.test(words); // no name, no number
const isOneWord = (words: string): boolean => /^[a-z]+$/.test(words);

function probesOf(synsets: readonly Synset[]): Probe[] {
  const byId = new Map(synsets.map((synset) => [synset.id, synset]));
  return synsets.flatMap(({ id, words, hypernyms }) => {
    const [noun, hypernym] = [words[0]!, byId.get(hypernyms[0] ?? '')?.words[0]];
    if (hypernym === undefined || !isCommon(noun) || !isOneWord(hypernym)) return [];
    // "water oak is a kind of oak" tells the answer
    return noun.split(/[ -]/).includes(hypernym) ? [] : [{ id, noun, hypernym }];
  });
}

const withArticle = (noun: string): string => `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;
