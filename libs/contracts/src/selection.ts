/** Which metric of a validation may choose checkpoints, by the kind of the answers. */
import { kindOf } from './task.js';
import { kindsWithMetric, type MetricName, metricNames } from './scales.js';
import type { TuneConfig } from './trial.js';

/** Kinds whose tasks have several shares, of which mean-score is the mean. */
const severalShares: readonly string[] = ['class', 'tags', 'span', 'cloze'];

/** Why a trial's checkpoints can not be chosen by `training.selectBy`, by knob; null: they can, or the data
 *  decides. */
export function unselectable({ task, training }: TuneConfig): { path: string; message: string } | null {
  const { selectBy } = training;
  if (selectBy === null) return null;
  const kind = kindOf(task);
  const has = (name: MetricName) =>
    name === 'mean-score'
      ? severalShares.includes(kind)
      : (kindsWithMetric[name] as readonly string[]).includes(kind);
  if (has(selectBy)) return null;
  const known = metricNames.filter(has).join(', ');
  return {
    path: 'training.selectBy',
    message: `"${selectBy}", and "${task.name}" has answers of kind ${kind}, whose metrics are ${known}`,
  };
}
