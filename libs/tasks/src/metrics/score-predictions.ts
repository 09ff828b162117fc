import type { Kind } from '#contracts/kind.js';
import type { Prediction } from '#contracts/predictions.js';
import type { OpenPredictions } from '#contracts/read-predictions.js';
import type { Example, Likelihood, Said } from '../example.js';
import { type Metric, valueOf } from './metric.js';
import { metricsOfKind } from './metrics-of-kind.js';

/** A metric of what was said of a split, out of a file of predictions. Throws an Error that says why such
 *  predictions cannot have it. */
export async function scorePredictions(
  { head, predictions }: OpenPredictions,
  { name, split }: { name: string; split: Prediction['split'] },
): Promise<number> {
  const { kind, labels, task } = head;
  const known = metricsOfKind(kind, labels);
  const metric = known.get(name) as Metric<Kind> | undefined;
  try {
    if (!metric)
      throw new Error(
        `${task} has answers of kind ${kind} and no ${name}; there are ${[...known.keys()].join(', ')}`,
      );
    const examples: Example[] = [];
    const said: Said[Kind][] = [];
    const likelihoods: Likelihood[] = [];
    for await (const prediction of predictions) {
      if (prediction.split !== split) continue;
      if (prediction.part !== undefined)
        throw new Error(`${task} mixes tasks, whose labels have no ${name} in common`);
      const { id, input, answer, group, likelihood } = prediction;
      if (metric.needs === 'likelihood' && !likelihood)
        throw new Error(`${name} needs likelihoods, and the predictions of ${task} hold none`);
      examples.push({
        id,
        input,
        answer: answer as Example['answer'],
        ...(group !== undefined && { group }),
      });
      said.push(prediction.said as Said[Kind]); // scores are plain numbers here, and no metric reads them
      if (likelihood) likelihoods.push(likelihood);
    }
    if (examples.length === 0) throw new Error(`the ${split} split has no prediction`);
    return valueOf(metric, examples, { said, likelihoods });
  } finally {
    await predictions.return();
  }
}
