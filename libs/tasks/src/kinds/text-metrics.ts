/** The metrics that written texts can have. */
import type { MetricName, MetricOf } from '#contracts/scales.js';
import type { Example } from '../example.js';
import { bleu } from '../metrics/bleu.js';
import { chrf } from '../metrics/chrf.js';
import { cider } from '../metrics/cider.js';
import { lossOf, type Metric, metric } from '../metrics/metric.js';
import { meteor } from '../metrics/meteor.js';
import { nist } from '../metrics/nist.js';
import type { References } from '../metrics/references.js';
import { rouge } from '../metrics/rouge.js';
import { slotErrorRate } from '../metrics/slot-error.js';
import { squadScores } from '../metrics/squad.js';
import { ter } from '../metrics/ter.js';

/** Of the first reference. */
export const textLossOf: Metric<'text'> = lossOf();

const written = (
  name: MetricName,
  of: (said: readonly string[], references: References) => number,
): Metric<'text'> =>
  metric<'text'>(name, (examples: readonly Example<'text'>[], said) =>
    of(
      said.map(({ text }) => text),
      examples.map(({ answer }) => answer.references),
    ),
  );

/** Of E2E, whose examples have their meaning. Throws where one has none. */
const slotErrorRateOf = metric<'text'>('slotErrorRate', (examples, said) =>
  slotErrorRate(
    said.map(({ text }) => text),
    examples.map(({ id, answer: { meaning } }) => {
      if (meaning !== undefined) return meaning;
      throw new Error(
        `slotErrorRate is of slots that E2E's meanings have, and example ${JSON.stringify(id)} has none`,
      );
    }),
  ),
);

export const textMetrics: { [N in MetricOf<'text'>]: Metric<'text'> } = {
  loss: textLossOf,
  bleu: written('bleu', (said, references) => bleu(said, references)),
  bleuLower: written('bleuLower', (said, references) => bleu(said, references, { lowercase: true })),
  chrf: written('chrf', (said, references) => chrf(said, references)),
  chrfPlusPlus: written('chrfPlusPlus', (said, references) => chrf(said, references, { wordOrder: 2 })),
  nist: written('nist', nist),
  cider: written('cider', cider),
  ter: written('ter', (said, references) => ter(said, references)),
  terNormalized: written('terNormalized', (said, references) => ter(said, references, { normalized: true })),
  meteor: written('meteor', meteor),
  rouge1: written('rouge1', (said, references) => rouge('rouge1', said, references)),
  rouge2: written('rouge2', (said, references) => rouge('rouge2', said, references)),
  rougeL: written('rougeL', (said, references) => rouge('rougeL', said, references)),
  exactMatch: written('exactMatch', (said, references) => squadScores(said, references, '1.1').exactMatch),
  f1: written('f1', (said, references) => squadScores(said, references, '1.1').f1),
  slotErrorRate: slotErrorRateOf,
};
