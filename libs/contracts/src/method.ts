import { z } from 'zod';
import { AdaLora } from './methods/adalora.js';
import { Adapter } from './methods/adapter.js';
import { BitFit } from './methods/bitfit.js';
import { Dora } from './methods/dora.js';
import { FullTuning } from './methods/full.js';
import { HeadOnly } from './methods/head.js';
import { Ia3 } from './methods/ia3.js';
import { Lora } from './methods/lora.js';
import { Mam } from './methods/mam.js';
import type { NoMethod } from './methods/none.js';
import { PTuning } from './methods/p-tuning.js';
import { PTuningV2 } from './methods/p-tuning-v2.js';
import { PrefixTuning } from './methods/prefix-tuning.js';
import { PromptTuning } from './methods/prompt-tuning.js';
import { QLora } from './methods/qlora.js';
import { TopLayers } from './methods/top-layers.js';
import { UniPelt } from './methods/unipelt.js';
import { Vera } from './methods/vera.js';

export const Method = z.discriminatedUnion('name', [
  PromptTuning,
  HeadOnly,
  FullTuning,
  Lora,
  BitFit,
  Ia3,
  Adapter,
  PrefixTuning,
  PTuningV2,
  Mam,
  Dora,
  QLora,
  AdaLora,
  UniPelt,
  TopLayers,
  PTuning,
  Vera,
]);
export type Method = z.infer<typeof Method>;

/** Whether a linear head answers, which reads no label words. */
export const trainsHead = (method: Method | NoMethod): boolean =>
  method.name === 'head' || (method.name === 'p-tuning-v2' && method.classifier);

export type MethodName = Method['name'];
