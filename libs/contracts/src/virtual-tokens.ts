import type { Method } from './method.js';
import { parseTemplate, slotCount } from './template.js';

/** Virtual tokens that a method puts in front of the text, or into it. */
export function virtualTokens(method: Method): number {
  if (method.name === 'p-tuning' && method.template !== null)
    return slotCount(parseTemplate(method.template, method.length));
  return 'length' in method && !(method.name === 'unipelt' && !method.parts.includes('prefix'))
    ? method.length
    : 0;
}
