import { lengthsApart, type MethodName } from '#contracts/method.js';
import type { TrialConfig } from '#contracts/trial.js';
import { hashOf } from './trial-key.js';

/** Methods that change the backbone's own weights: a member's step can't be another's. */
const alone = new Set<MethodName>(['full', 'top-layers']);

/** Trials of equal gang key may train in one step with a member axis: everything but the seed, what it starts from, the learning rate and the method's sizes
 *  (length, rank, budget, bottleneck, scales) and initialisation is the same. Takes the config with contents instead of paths. Null where the trial always trains alone. */
export function gangKey(config: TrialConfig): string | null {
  if (config.stage !== 'tune' || alone.has(config.method.name)) return null;
  if (config.method.name === 'p-tuning' && config.method.modelRate > 0) return null;
  const { seed: _seed, from: _from, method, training, ...rest } = config;
  const {
    length,
    init: _init,
    rank: _rank,
    targetRank: _targetRank,
    alpha: _alpha,
    bottleneck: _bottleneck,
    scale: _scale,
    ...kind
  } = method as Record<string, unknown>;
  const { learningRate: _rate, ...optimizer } = training.optimizer;
  const tokens = lengthsApart(config.method) ? length : undefined;
  return hashOf({
    ...rest,
    method: { ...kind, ...(tokens !== undefined && { length: tokens }) },
    training: { ...training, optimizer },
  });
}
