import type { WordnetSupersense } from '#contracts/tasks/wordnet-supersense.js';
import type { SplitSizes } from '#contracts/trainer-messages.js';
import type { Splits } from '../dataset.js';
import type { Example } from '../example.js';
import { classDataset } from '../kinds/class.js';
import { splitOf, taking } from '../reading/split.js';
import { rowsReader } from '../reading/reader.js';
import type { TaskDefinition } from '../task.js';
import { nounSynsets, type Synset } from '../corpora/wordnet.js';

/** Eight concrete noun lexicographer files, largest first; their names are the label words. */
export const supersenses = ['artifact', 'person', 'plant', 'animal', 'act', 'location', 'food', 'body'];

/** Examples of each split, so that a grid that asks for more is refused without reading them. */
export const supersenseSizes = { train: 41_194, validation: 5_122, test: 4_951 } as const;

const shortestGloss = 3; // words: shorter ones define nothing without the word they define
const salt = 'wordnet-supersense';

/** Whether a synset belongs to the task, and to which split: for what must not be seen in pretraining. */
export function supersenseSplit(synset: Synset): ReturnType<typeof splitOf> | undefined {
  return supersenseOf(synset) === undefined ? undefined : splitOf(synset.id, salt);
}

function supersenseOf({ lexicographerFile, gloss }: Synset): number | undefined {
  const label = supersenses.indexOf(lexicographerFile.replace('noun.', ''));
  const words = gloss.match(/[a-z]+/gi)?.length ?? 0;
  return label >= 0 && words >= shortestGloss ? label : undefined;
}

/** A gloss -> which of 8 supersenses the noun belongs to, split by synset. */
export const wordnetSupersense: TaskDefinition<WordnetSupersense, 'class'> = {
  reader: () => rowsReader(), // of no file: the synsets come along
  splits: supersenseSplits,
  dataset: (splits) => classDataset(splits),
  shipped(config) {
    const sizes: SplitSizes = { ...supersenseSizes };
    for (const split of ['train', 'validation', 'test'] as const) {
      const asked = config[split];
      if (asked === null) continue;
      if (asked > sizes[split])
        throw new Error(`task.${split} asks for ${asked} examples, and there are ${sizes[split]}`);
      sizes[split] = asked;
    }
    return { sizes, labels: supersenses };
  },
};

function* supersenseSplits(config: WordnetSupersense): Generator<void, Splits<'class'>> {
  const splits = {
    train: [] as Example<'class'>[],
    validation: [] as Example<'class'>[],
    test: [] as Example<'class'>[],
  };
  for (const synset of nounSynsets()) {
    yield;
    const label = supersenseOf(synset);
    if (label !== undefined)
      splits[splitOf(synset.id, salt)].push({ id: synset.id, input: [synset.gloss], answer: { label } });
  }
  return {
    name: 'wordnet-supersense',
    labels: supersenses,
    labelWords: supersenses,
    train: yield* taking(splits.train, config, salt, 'train'),
    validation: yield* taking(splits.validation, config, salt, 'validation'),
    test: yield* taking(splits.test, config, salt, 'test'),
  };
}
