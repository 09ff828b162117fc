import type { Model } from '#models/model.js';
import type { LinearMap } from '#models/modules.js';
import type { Dora } from '#contracts/methods/dora.js';
import type { Lora } from '#contracts/methods/lora.js';
import { inputsFirst } from '../../low-rank/low-rank.js';
import type { Parameters, PeftLayout } from '../../method.js';
import { evened } from './ranks.js';

type Knobs = Omit<Lora, 'name'>;

/** LoraConfig and its tensors, "base_model.model." in front of every name; DoRA is a field of it. */
export function loraLayout<M extends Lora | Dora>(of: {
  mapsOf(config: Pick<Knobs, 'targets'>, model: Model): LinearMap[];
  useDora: boolean;
  configOf(knobs: Knobs): M;
}): PeftLayout<M> {
  return {
    type: 'LORA',

    reads: (written) => (written['use_dora'] === true) === of.useDora,

    config: (config, model) => ({
      r: config.rank,
      lora_alpha: config.alpha,
      lora_dropout: config.dropout,
      bias: 'none',
      fan_in_fan_out: inputsFirst(model),
      // in full: an end may mean other maps to peft
      target_modules: of.mapsOf(config, model).map((m) => m.name),
      use_rslora: config.rsLora,
      use_dora: of.useDora,
    }),
    tensors: (parameters) => headed(parameters),
    parameters(tensors, written) {
      const { rank, alpha, rsLora, parameters } = evened(lowRankOnly(bare(tensors)), written);
      const dropout = Number(written['lora_dropout'] ?? 0);
      return {
        config: of.configOf({ targets: targetsOf(written), rank, alpha, rsLora, dropout }),
        parameters,
      };
    },
  };
}

/** Throws where something else was trained beside the updates: a head, biases. */
function lowRankOnly(parameters: Parameters): Parameters {
  const other = Object.keys(parameters).find((name) => !/\.lora_([AB]\.weight|magnitude_vector)$/.test(name));
  if (other !== undefined)
    throw new Error(`the adapter has ${other}, expected updates of linear maps only (lora_A, lora_B)`);
  return parameters;
}

const head = 'base_model.model.';

export const headed = (parameters: Parameters): Parameters =>
  Object.fromEntries(Object.entries(parameters).map(([name, t]) => [head + name, t]));

/** Throws where a name is not one of an adapted module. */
export function bare(tensors: Parameters): Parameters {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, t]) => {
      if (!name.startsWith(head)) throw new Error(`the adapter's tensor ${name} does not begin with ${head}`);
      return [name.slice(head.length), t];
    }),
  );
}

/** The maps that an adapter names; throws where they are a regular expression. */
export function targetsOf(written: Record<string, unknown>): string[] {
  const targets = written['target_modules'];
  if (!Array.isArray(targets) || targets.length === 0)
    throw new Error(`target_modules is ${JSON.stringify(targets)}, expected a list of names`);
  return targets.map(String);
}
