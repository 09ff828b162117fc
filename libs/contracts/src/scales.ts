import { z } from 'zod';
import type { Kind } from './kind.js';

/** How a metric's values are read: their unit, and which are better. */
export const Scale = z.object({
  unit: z.enum(['share', 'score', 'nats', 'bits', 'correlation']), // share: in [0, 1], shown in percent
  better: z.enum(['larger', 'smaller']),
});
export type Scale = z.infer<typeof Scale>;

const share = { unit: 'share', better: 'larger' } as const;
const score = { unit: 'score', better: 'larger' } as const;
const correlation = { unit: 'correlation', better: 'larger' } as const; // in [-1, 1]

/** Every metric that a task may have, by its name. */
export const scales = {
  accuracy: share,
  f1: share,
  exactMatch: share,
  precision: share,
  recall: share,
  tokenAccuracy: share,
  'mean-score': share,
  matthews: correlation,
  pearson: correlation,
  spearman: correlation,
  meanSquaredError: { unit: 'score', better: 'smaller' },
  bleu: score, // to 100, as sacreBLEU prints it
  bleuLower: score,
  chrf: score,
  chrfPlusPlus: score,
  terNormalized: { unit: 'score', better: 'smaller' }, // with punctuation apart
  ter: { unit: 'score', better: 'smaller' }, // edits for 100 words
  meteor: share,
  rouge1: share,
  rouge2: share,
  rougeL: share,
  slotErrorRate: { unit: 'share', better: 'smaller' }, // above 1 where more is wrong than was asked for
  nist: score,
  cider: score,
  precisionAt1: share,
  precisionAt10: share,
  meanReciprocalRank: share,
  perplexity: { unit: 'score', better: 'smaller' }, // of a token
  bitsPerByte: { unit: 'bits', better: 'smaller' },
  loss: { unit: 'nats', better: 'smaller' },
} as const satisfies Record<string, Scale>;

export type MetricName = keyof typeof scales;

export const metricNames = Object.keys(scales) as [MetricName, ...MetricName[]];

/** Which kinds of answers can have each metric. Tasks' own metrics are beside these. */
export const kindsWithMetric = {
  accuracy: ['class', 'choice', 'tags'],
  f1: ['class', 'tags', 'span', 'text'],
  exactMatch: ['class', 'span', 'text'],
  precision: ['tags'],
  recall: ['tags'],
  tokenAccuracy: ['tags'],
  'mean-score': [], // of the tasks of a mixture
  matthews: ['class'],
  pearson: ['number'],
  spearman: ['number'],
  meanSquaredError: ['number'],
  bleu: ['text'],
  bleuLower: ['text'],
  chrf: ['text'],
  chrfPlusPlus: ['text'],
  terNormalized: ['text'],
  slotErrorRate: ['text'], // of E2E alone
  nist: ['text'],
  cider: ['text'],
  ter: ['text'],
  meteor: ['text'],
  rouge1: ['text'],
  rouge2: ['text'],
  rougeL: ['text'],
  precisionAt1: ['cloze'],
  precisionAt10: ['cloze'],
  meanReciprocalRank: ['cloze'],
  perplexity: ['language'],
  bitsPerByte: ['language'],
  loss: ['class', 'choice', 'tags', 'span', 'text', 'cloze', 'language'], // numbers have a squared error
} as const satisfies Record<MetricName, readonly Kind[]>;

/** The metrics that answers of a kind can have. */
export type MetricOf<K extends Kind> = {
  [N in MetricName]: K extends (typeof kindsWithMetric)[N][number] ? N : never;
}[MetricName];

/** The scale of a metric by its name, of one split ("validation.f1", "validation f1") or of one task of a
 *  mixture ("rte/f1", "mnli/matched/accuracy") too; undefined where it is no task's metric. */
export function scaleOf(metric: string): Scale | undefined {
  const name = metric.replace(/^(test|validation|train)[. ]/, '').replace(/^.*\//, '');
  return Object.hasOwn(scales, name) ? scales[name as MetricName] : undefined;
}
