import * as tf from '@tensorflow/tfjs';
import type { Ia3 } from '#contracts/method.js';
import type { Model } from '#models/model.js';
import type { LinearMap } from '#models/modules.js';
import { inputsFirst } from '../low-rank.js';
import type { Parameters, PeftLayout } from '../method.js';
import { bare, headed, targetsOf } from './lora.js';

interface Roles {
  mapsOf(config: Ia3, model: Model): LinearMap[];
  scalesInput(map: LinearMap): boolean; // whether a map's input is scaled, and not its output
}

/** IA3Config and its vectors: [out, 1] where the output is scaled, [1, in] where the input is. */
export function ia3Layout(of: Roles): PeftLayout<Ia3> {
  return {
    config(config, model) {
      const maps = of.mapsOf(config, model);
      const names = (chosen: LinearMap[]) => chosen.map((m) => m.name);
      return {
        peft_type: 'IA3',
        target_modules: names(maps),
        feedforward_modules: names(maps.filter(of.scalesInput)),
        fan_in_fan_out: inputsFirst(model),
        init_ia3_weights: true,
      };
    },
    tensors(parameters, config, model) {
      const maps = of.mapsOf(config, model);
      const shaped = maps.map((m): [string, tf.Tensor] => {
        const vector = parameters[`${m.name}.ia3_l`]!;
        return [`${m.name}.ia3_l`, tf.expandDims(vector, of.scalesInput(m) ? 0 : 1)];
      });
      return headed(Object.fromEntries(shaped) as Parameters);
    },
    parameters(tensors, written, model) {
      const config: Ia3 = { name: 'ia3', targets: targetsOf(written) };
      checkInputs(of, config, written, model);
      const vectors = Object.entries(bare(tensors)).map(([name, t]) => [name, tf.reshape(t, [t.size])]);
      tf.dispose(tensors);
      return { config, parameters: Object.fromEntries(vectors) as Parameters };
    },
  };
}

/** Throws where the adapter scales the input of another map than this method would. */
function checkInputs(of: Roles, config: Ia3, { feedforward_modules: inputs }: Record<string, unknown>, model: Model): void {
  const ends = Array.isArray(inputs) ? inputs.map(String) : [];
  for (const map of of.mapsOf(config, model)) {
    const there = ends.some((end) => `.${map.name}`.endsWith(`.${end}`));
    if (there !== of.scalesInput(map))
      throw new Error(`feedforward_modules ${there ? 'names' : 'leaves out'} ${map.name}, whose role is ${map.role}`);
  }
}
