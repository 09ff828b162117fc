/** GLUE's tasks (Wang et al. 2018), with T5's templates less the task token, and the benchmark's metrics. */
import type { Glue, GlueDataset, glueKinds } from '#contracts/tasks/glue.js';
import { accuracyOf, binaryF1Of, classDataset, matthewsOf } from '../../kinds/class.js';
import { numberDataset } from '../../kinds/number.js';
import type { Metric } from '../../metrics/metric.js';
import { withGroups } from '../../metrics/of-group.js';
import type { TaskDefinition } from '../../task.js';
import { glueRows } from './columns.js';
import { glueSplits, glueReader } from './splits.js';

/** A dataset of labels; the first metric chooses checkpoints. */
const ofLabels = (
  metrics: readonly Metric<'class'>[],
  groups: readonly string[] = [],
): TaskDefinition<Glue, 'class'> => ({
  reader: glueReader,
  splits: (config, records) =>
    glueSplits<'class'>(config, records, (value, place) => ({ label: labelOf(config, value, place) })),
  dataset: (splits) =>
    classDataset(splits, { metrics: withGroups(metrics, groups), validateBy: metrics[0]!.name }),
});

export const glueTasks = {
  cola: ofLabels([matthewsOf, accuracyOf]),
  sst2: ofLabels([accuracyOf]),
  mrpc: ofLabels([accuracyOf, binaryF1Of]),
  qqp: ofLabels([accuracyOf, binaryF1Of]),
  stsb: {
    reader: glueReader,
    splits: (config: Glue, records) =>
      glueSplits<'number'>(config, records, (value, place) => ({ value: scoreOf(value, place) })),
    dataset: (splits) => numberDataset(splits),
  } satisfies TaskDefinition<Glue, 'number'>,
  mnli: ofLabels([accuracyOf], ['matched', 'mismatched']),
  qnli: ofLabels([accuracyOf]),
  rte: ofLabels([accuracyOf]),
} satisfies { [D in GlueDataset]: TaskDefinition<Glue, (typeof glueKinds)[D]> };

/** A label by its number or its word. */
function labelOf({ dataset }: Glue, value: string, place: string): number {
  const labels = glueRows[dataset].labels ?? [];
  const label = /^\d+$/.test(value) ? Number(value) : labels.indexOf(value);
  if (label >= 0 && label < labels.length) return label;
  const known = labels.map((word, i) => `${i} or "${word}"`).join(', ');
  const hidden = value === '-1' ? ', and -1 stands where labels are not public' : '';
  throw new Error(`${place}: the label is "${value}"; expected ${known}${hidden}`);
}

function scoreOf(value: string, place: string): number {
  const score = Number(value);
  if (value !== '' && score >= 0 && score <= 5) return score;
  throw new Error(`${place}: the score is "${value}"; expected a number from 0 to 5`);
}
