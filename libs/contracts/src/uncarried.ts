/** Which methods no model of a family carries: the only place that says so before a model is loaded. */
import { type Carrier, families, type Family, type Uncarried } from './family.js';
import type { Method, MethodName } from './method.js';
import { adaLoraUncarried } from './methods/adalora.js';
import { adapterUncarried } from './methods/adapter.js';
import { bitFitUncarried } from './methods/bitfit.js';
import { pTuningUncarried } from './methods/p-tuning.js';
import { prefixTuningUncarried } from './methods/prefix-tuning.js';
import { promptTuningUncarried } from './methods/prompt-tuning.js';
import { uniPeltUncarried } from './methods/unipelt.js';

type Rule<M extends Method> = (method: M, on: Carrier) => Uncarried | null;

/** null: every family carries the method. */
const rules = {
  'prompt-tuning': promptTuningUncarried,
  head: null,
  full: null,
  lora: null,
  bitfit: bitFitUncarried,
  ia3: null,
  adapter: adapterUncarried,
  'prefix-tuning': prefixTuningUncarried,
  'p-tuning-v2': null,
  mam: null,
  dora: null,
  qlora: null,
  adalora: adaLoraUncarried,
  unipelt: uniPeltUncarried,
  'top-layers': null,
  'p-tuning': pTuningUncarried,
  vera: null,
} satisfies { [N in MethodName]: Rule<Extract<Method, { name: N }>> | null };

/** Why no model of this family carries the method, by knob; null: one may, and its layers and modules decide.
 */
export function uncarried(method: Method, family: Family, backbone: string): Uncarried | null {
  const rule = rules[method.name] as Rule<Method> | null;
  return rule && rule(method, { ...families[family], is: `${backbone} is a ${family}` });
}
