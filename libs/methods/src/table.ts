import type { Method, MethodName } from '#contracts/method.js';
import { adaLora } from './adalora.js';
import { adapter } from './adapter.js';
import { bitFit } from './bitfit.js';
import { dora } from './dora.js';
import { fullTuning } from './full.js';
import { headOnly } from './head.js';
import { ia3 } from './ia3.js';
import { lora } from './lora.js';
import type { MethodImplementation } from './method.js';
import { prefixTuning } from './prefix-tuning.js';
import { mam } from './mam.js';
import { pTuning } from './p-tuning.js';
import { pTuningV2 } from './p-tuning-v2.js';
import { promptTuning } from './prompt-tuning.js';
import { qLora } from './qlora.js';
import { topLayers } from './top-layers.js';
import { uniPelt } from './unipelt.js';

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

/** Whether several trials of this method may share one step. */
export function sharesStep(config: Method): boolean {
  const method = methodOf(config);
  return method.gangs && !method.alone?.(config);
}

/** The implementation of a method. The union of configs is narrowed here, once, so that the loop need not know which it trains. */
export function methodOf(config: Method): MethodImplementation<Method> {
  return methods[config.name] as unknown as MethodImplementation<Method>;
}
