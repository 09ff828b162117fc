import type { Method } from './method.js';
import { parseTemplate, slotCount } from './template.js';
import type { TrialConfig, TrialState } from './trial.js';

/** Virtual tokens that a method puts in front of the text, or into it. */
export function virtualTokens(method: Method): number {
  if (method.name === 'p-tuning' && method.template !== null)
    return slotCount(parseTemplate(method.template, method.length));
  return 'length' in method && !(method.name === 'unipelt' && !method.parts.includes('prefix'))
    ? method.length
    : 0;
}

/** Whether a method's virtual tokens stand among the embeddings of the text, where they may be held against
 *  the vocabulary: not keys and values of deeper layers, and not next to embeddings that are trained too. */
export function embedsVirtualTokens(method: Method): boolean {
  if (method.name === 'p-tuning') return method.modelRate === 0;
  return (
    method.name === 'prompt-tuning' || (method.name === 'prefix-tuning' && method.depth === 'embedding-only')
  );
}

/** Why a trial has no neighbours, in words. */
export function noNeighbours(state: TrialState, config: TrialConfig): string {
  if (config.stage !== 'tune') return 'it trained no method on a task';
  if (!embedsVirtualTokens(config.method))
    return `method ${config.method.name} as it is set puts no virtual tokens next to frozen embeddings`;
  if (state !== 'succeeded') return `it is ${state}, and they are kept when a trial has succeeded`;
  return 'it was trained before neighbours were kept';
}
