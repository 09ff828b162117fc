import type { AdaLora } from '#contracts/methods/adalora.js';
import type { Model } from '#models/model.js';
import type { LinearMap } from '#models/modules.js';
import { inputsFirst } from '../../low-rank/low-rank.js';
import type { Parameters, PeftLayout } from '../../method.js';
import { bare, headed, targetsOf } from './lora.js';
import { filledTo } from './ranks.js';

type MapsOf = (config: Pick<AdaLora, 'targets'>, model: Model) => LinearMap[];

/** AdaLoraConfig and its tensors. peft divides by init_r + 1e-5 and multiplies by lora_alpha: where the
 *  method does not scale, that is undone with lora_alpha = r. What it has allocated it saves without the
 *  dropped ranks; they are filled up with zeros. Its former versions saved the divisor too, as `ranknum`. */
export function adaLoraLayout(mapsOf: MapsOf): PeftLayout<AdaLora> {
  return {
    type: 'ADALORA',

    config: (config, model) => ({
      r: 8, // of LoRA's config, without effect here
      init_r: config.rank,
      target_r: config.targetRank,
      lora_alpha: config.alpha ?? config.rank,
      lora_dropout: 0,
      bias: 'none',
      fan_in_fan_out: inputsFirst(model),
      target_modules: mapsOf(config, model).map((m) => m.name),
      tinit: config.warmup,
      tfinal: config.final,
      deltaT: config.every,
      beta1: config.beta1,
      beta2: config.beta2,
      orth_reg_weight: config.orthogonality,
      total_step: config.warmup + config.final + 1, // peft wants one; nothing reads it after training
      rank_pattern: null,
    }),
    tensors: (parameters) =>
      headed(renamed(parameters, (name) => name.replace(/\.lora_([AB])\.weight$/, '.lora_$1'))),
    parameters(tensors, written) {
      const found = Object.entries(bare(tensors)).filter(([name]) => !name.endsWith('.ranknum'));
      const own = renamed(Object.fromEntries(found), (name) =>
        name.replace(/\.lora_([AB])$/, '.lora_$1.weight'),
      );
      const config: AdaLora = {
        name: 'adalora',
        targets: targetsOf(written),
        rank: Number(written['init_r']),
        targetRank: Number(written['target_r']),
        alpha: Number(written['lora_alpha']),
        warmup: Number(written['tinit'] ?? 0),
        final: Number(written['tfinal'] ?? 0),
        every: Number(written['deltaT'] ?? 1),
        beta1: Number(written['beta1'] ?? 0.85),
        beta2: Number(written['beta2'] ?? 0.85),
        orthogonality: Number(written['orth_reg_weight'] ?? 0.5),
      };
      return { config, parameters: filledTo(config.rank, own) };
    },
  };
}

function renamed(parameters: Parameters, name: (old: string) => string): Parameters {
  return Object.fromEntries(Object.entries(parameters).map(([old, t]) => [name(old), t]));
}
