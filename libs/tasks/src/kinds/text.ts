import { type Dataset, hashOf, type Parts, refuseEmpty } from '../dataset.js';
import type { Metric } from '../metrics/metric.js';
import { copiedInput, nearestText } from './text-references.js';
import { textMetrics } from './text-metrics.js';

/** What a text task tells where the grid file asks for nothing else: cheap to validate by, then what is
 *  written. */
const usual = ['loss', 'bleu', 'rougeL'] as const;

/** A dataset whose answers are written. The first metric chooses checkpoints; what is written alone can be
 *  reported of the references. Throws an Error naming the knob where a metric is none of texts, and where a
 *  split is empty. */
export function textDataset(parts: Parts<'text'>, asked: readonly string[] | null = null): Dataset<'text'> {
  refuseEmpty(parts);
  const metrics = (asked ?? usual).map(named);
  const lacks = [...parts.validation, ...parts.test].some(({ answer }) => answer.meaning === undefined);
  if (lacks && metrics.some(({ name }) => name === 'slotErrorRate'))
    throw new Error(
      "task.metrics names slotErrorRate, which is of E2E's meanings; expected task.name: e2e, or another metric",
    );
  const written = metrics.find(({ needs }) => needs === 'said');
  if (!written)
    throw new Error('task.metrics has none of what is written; expected one of the others, such as bleu');
  const dataset: Dataset<'text'> = {
    ...parts,
    kind: 'text',
    metrics,
    validateBy: metrics[0]!.name,
    reportBy: written.name,
    references: { copy: () => copiedInput(dataset), nearest: () => nearestText(dataset) },
    hash: hashOf(parts),
  };
  return dataset;
}

function named(name: string): Metric<'text'> {
  const known: Record<string, Metric<'text'>> = textMetrics;
  if (Object.hasOwn(known, name)) return known[name]!;
  throw new Error(
    `task.metrics names "${name}", which is no metric of texts; expected some of ${Object.keys(known).join(', ')}`,
  );
}
