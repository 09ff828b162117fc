import { z } from 'zod';
import { kindsWithMetric, type MetricName, type MetricOf } from '../scales.js';

type TextMetric = MetricOf<'text'>;

const isOfTexts = (name: MetricName): name is TextMetric =>
  (kindsWithMetric[name] as readonly string[]).includes('text');

const all = (Object.keys(kindsWithMetric) as MetricName[]).filter(isOfTexts);

/** What is measured of written texts; the first chooses checkpoints, null: what the task usually tells.
 *  At least one is of what is written, since references have no loss.
 *  `without`: what such a task cannot have. */
export const textMetrics = (...without: readonly TextMetric[]) =>
  z
    .array(z.enum(all.filter((name) => !without.includes(name))))
    .min(1)
    .refine((names) => names.some((name) => name !== 'loss'), {
      error: 'has none of what is written; expected one of the others too, such as bleu',
    })
    .nullable()
    .default(null);
