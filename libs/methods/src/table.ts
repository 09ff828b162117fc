import { type Method, type MethodName, trainsHead } from '#contracts/method.js';
import { adaLora } from './low-rank/adalora.js';
import { adapter } from './activations/adapter.js';
import { bitFit } from './weights/bitfit.js';
import { dora } from './low-rank/dora.js';
import { fullTuning } from './weights/full.js';
import type { Head } from './heads/form.js';
import { headOnly } from './heads/head.js';
import { withHead, withOwnHead } from './heads/with-head.js';
import { ia3 } from './activations/ia3.js';
import { lora } from './low-rank/lora.js';
import type { MethodImplementation } from './method.js';
import { prefixTuning } from './prefixes/prefix-tuning.js';
import { mam } from './combined/mam.js';
import { pTuning } from './prompts/p-tuning.js';
import { pTuningV2 } from './prefixes/p-tuning-v2.js';
import { promptTuning } from './prompts/prompt-tuning.js';
import { qLora } from './low-rank/qlora.js';
import { topLayers } from './weights/top-layers.js';
import { uniPelt } from './combined/unipelt.js';
import { vera } from './low-rank/vera.js';

const methods = {
  'prompt-tuning': promptTuning,
  head: headOnly,
  full: fullTuning,
  lora,
  bitfit: bitFit,
  ia3,
  adapter,
  'prefix-tuning': prefixTuning,
  'p-tuning-v2': pTuningV2,
  mam,
  dora,
  qlora: qLora,
  adalora: adaLora,
  unipelt: uniPelt,
  'top-layers': topLayers,
  'p-tuning': pTuning,
  vera,
} satisfies { [M in MethodName]: MethodImplementation<Extract<Method, { name: M }>> };

export const methodNames = Object.keys(methods) as MethodName[];

/** A method as it trains alone: with the head that is a part of it, where it has one. */
export const methodOf = (config: Method): MethodImplementation<Method> => methodFor(config, { head: null });

/** A method, and where a head answers, that head trained next to it in place of one of its own. The union of
 *  configs is narrowed here, once, so that the loop need not know which it trains. */
export function methodFor(config: Method, { head }: { head: Head | null }): MethodImplementation<Method> {
  const method = methods[config.name] as unknown as MethodImplementation<Method>;
  if (head) return withHead(method, head);
  return trainsHead(config) ? withOwnHead(method) : method;
}
