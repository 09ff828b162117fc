import { type Dataset, hashOf, type Splits, refuseEmpty } from '../dataset.js';
import type { Example, Said } from '../example.js';
import { accuracy, f1, groupExactMatch, macroF1, matthews } from '../metrics/classification.js';
import { type Metric, metric } from '../metrics/metric.js';
import { majority, naiveBayes } from './class-references.js';

type ClassMetric = Metric<'class'>;

const labels = (examples: readonly Example<'class'>[]): number[] => examples.map((e) => e.answer.label);
const predictions = (said: readonly Said['class'][]): number[] => said.map((s) => s.label ?? -1);

/** Share of examples whose label was said. */
export const accuracyOf: ClassMetric = metric('accuracy', (examples, said) =>
  accuracy(labels(examples), predictions(said)),
);

/** Mean F1 over the labels that occur or are said. */
export const macroF1Of: ClassMetric = metric('f1', (examples, said) =>
  macroF1(labels(examples), predictions(said)),
);

/** F1 of the label 1: MultiRC's F1a over answers. */
export const binaryF1Of: ClassMetric = metric('f1', (examples, said) =>
  f1(labels(examples), predictions(said), 1),
);

/** Matthews' correlation of what is right and what is said. */
export const matthewsOf: ClassMetric = metric('matthews', (examples, said) =>
  matthews(labels(examples), predictions(said)),
);

/** Share of groups whose every label was said: MultiRC's exact match over questions. Throws where an example
 *  has no group. */
export const groupsOf: ClassMetric = metric(
  'exactMatch',
  (examples, said) =>
  groupExactMatch(labels(examples), predictions(said), examples.map(groupOf)), // prettier-ignore
);

function groupOf({ id, group }: Example<'class'>): string {
  if (group === undefined)
    throw new Error(`exactMatch is a share of groups, and example ${JSON.stringify(id)} is in none`);
  return group;
}

interface Scoring {
  metrics?: readonly ClassMetric[];
  validateBy?: string;
}

/** A dataset with one label a text, of these splits. Throws where a split is empty. */
export function classDataset(
  splits: Splits<'class'>,
  { metrics = [accuracyOf, macroF1Of], validateBy = 'accuracy' }: Scoring = {},
): Dataset<'class'> {
  refuseEmpty(splits);
  const dataset: Dataset<'class'> = {
    ...splits,
    kind: 'class',
    metrics,
    validateBy,
    reportBy: 'accuracy',
    references: { majority: () => majority(dataset), 'naive-bayes': () => naiveBayes(dataset) },
    hash: hashOf(splits),
  };
  return dataset;
}
