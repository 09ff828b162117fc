/** The metrics that written texts can have. */
import type { MetricName, MetricOf } from '#contracts/scales.js';
import type { Example } from '../example.js';
import { bleu } from '../metrics/bleu.js';
import { chrf } from '../metrics/chrf.js';
import { cider } from '../metrics/cider.js';
import { likelihoodMetric, type Metric, metric } from '../metrics/metric.js';
import { meteor } from '../metrics/meteor.js';
import { nist } from '../metrics/nist.js';
import type { References } from '../metrics/references.js';
import { rouge } from '../metrics/rouge.js';
import { squadScores } from '../metrics/squad.js';
import { ter } from '../metrics/ter.js';

/** Mean nats of a token of the first reference. */
export const textLossOf: Metric<'text'> = likelihoodMetric('loss', (_examples, likelihoods) => {
  const [nats, tokens] = [likelihoods.reduce((sum, l) => sum + l.nats, 0), likelihoods.reduce((sum, l) => sum + l.tokens, 0)];
  return nats / tokens;
});

const written = (name: MetricName, of: (said: readonly string[], references: References) => number): Metric<'text'> =>
  metric<'text'>(name, (examples: readonly Example<'text'>[], said) =>
    of(
      said.map(({ text }) => text),
      examples.map(({ answer }) => answer.references),
    ),
  );

export const textMetrics: { [N in MetricOf<'text'>]: Metric<'text'> } = {
  loss: textLossOf,
  bleu: written('bleu', (said, references) => bleu(said, references)),
  bleuLower: written('bleuLower', (said, references) => bleu(said, references, { lowercase: true })),
  chrf: written('chrf', (said, references) => chrf(said, references)),
  nist: written('nist', nist),
  cider: written('cider', cider),
  ter: written('ter', (said, references) => ter(said, references)),
  meteor: written('meteor', meteor),
  rouge1: written('rouge1', (said, references) => rouge('rouge1', said, references)),
  rouge2: written('rouge2', (said, references) => rouge('rouge2', said, references)),
  rougeL: written('rougeL', (said, references) => rouge('rougeL', said, references)),
  exactMatch: written('exactMatch', (said, references) => squadScores(said, references, '1.1').exactMatch),
  f1: written('f1', (said, references) => squadScores(said, references, '1.1').f1),
};
