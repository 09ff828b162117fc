import type { z } from 'zod';
import type { WordnetSupersense } from '#contracts/task.js';
import type { Example } from '../example.js';
import { classDataset } from '../kinds/class.js';
import { splitOf, take } from '../reading/split.js';
import type { Dataset } from '../task.js';
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
export function wordnetSupersense(config: z.infer<typeof WordnetSupersense>): Dataset<'class'> {
  const splits = { train: [] as Example<'class'>[], validation: [] as Example<'class'>[], test: [] as Example<'class'>[] };
  for (const synset of nounSynsets()) {
    const label = supersenseOf(synset);
    if (label !== undefined) splits[splitOf(synset.id, salt)].push({ id: synset.id, input: synset.gloss, answer: { label } });
  }
  return classDataset({
    name: 'wordnet-supersense',
    labels: supersenses,
    labelWords: supersenses,
    train: take(splits.train, config.train, salt, 'train'),
    validation: take(splits.validation, config.validation, salt, 'validation'),
    test: take(splits.test, config.test, salt, 'test'),
  });
}
