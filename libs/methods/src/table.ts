import type { Method, MethodName } from '#contracts/method.js';
import { adaLora } from './low-rank/adalora.js';
import { adapter } from './activations/adapter.js';
import { bitFit } from './weights/bitfit.js';
import { dora } from './low-rank/dora.js';
import { fullTuning } from './weights/full.js';
import { headOnly } from './heads/head.js';
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
} satisfies { [M in MethodName]: MethodImplementation<Extract<Method, { name: M }>> };

/** The implementation of a method. The union of configs is narrowed here, once, so that the loop need not know which it trains. */
export function methodOf(config: Method): MethodImplementation<Method> {
  return methods[config.name] as unknown as MethodImplementation<Method>;
}
