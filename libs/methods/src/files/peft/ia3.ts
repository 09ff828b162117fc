import * as tf from '@tensorflow/tfjs';
import type { Ia3 } from '#contracts/methods/ia3.js';
import type { Model } from '#models/model.js';
import type { LinearMap } from '#models/modules.js';
import { inputsFirst } from '../../low-rank/low-rank.js';
import type { Parameters, PeftLayout } from '../../method.js';
import { bare, headed, targetsOf } from './lora.js';

interface Roles {
  mapsOf(config: Ia3, model: Model): LinearMap[];
  scalesInput(map: LinearMap): boolean; // whether a map's input is scaled, and not its output
}

/** IA3Config and its vectors: [out, 1] where the output is scaled, [1, in] where the input is. */
export function ia3Layout(of: Roles): PeftLayout<Ia3> {
  return {
    type: 'IA3',

    config(config, model) {
      const maps = of.mapsOf(config, model);
      const names = (chosen: LinearMap[]) => chosen.map((m) => m.name);
      return {
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
      const vectors = Object.entries(bare(tensors)).map(([name, t]) => [name, tf.reshape(t, [t.size])]);
      tf.dispose(tensors);
      const found = Object.fromEntries(vectors) as Parameters;
      const parameters = intoValues(found, endsOf(written), model);
      const targets =
        parameters === found
          ? targetsOf(written)
          : Object.keys(parameters).map((name) => name.slice(0, -vector.length));
      const config: Ia3 = { name: 'ia3', targets };
      checkInputs(of, config, written, model);
      return { config, parameters };
    },
  };
}

const vector = '.ia3_l';

const endsOf = ({ feedforward_modules: inputs }: Record<string, unknown>) =>
  Array.isArray(inputs) ? inputs.map(String) : [];

const isNamed = (map: LinearMap, ends: readonly string[]) =>
  ends.some((end) => `.${map.name}`.endsWith(`.${end}`));

/** peft's own choice for BERT, "output.dense", means the attention's last map too, and scales what it reads.
 *  That is to scale the values: an attention weighs each of their numbers alike. The same parameters where
 *  there is no such map; what is replaced is freed. */
function intoValues(parameters: Parameters, inputs: readonly string[], model: Model): Parameters {
  const maps = model.modules.linears; // an attention's value is before its output
  const scaled = maps.flatMap((map, i) => {
    const value = maps.slice(0, i).findLast((m) => m.role === 'value');
    const own = map.role === 'attention-output' && isNamed(map, inputs) && parameters[map.name + vector];
    return own && value?.outputs === map.inputs
      ? [{ output: map.name + vector, value: value.name + vector }]
      : [];
  });
  if (scaled.length === 0) return parameters;
  const moved = { ...parameters };
  for (const { output, value } of scaled) {
    const [before, scale] = [moved[value], moved[output]!];
    moved[value] = before ? tf.mul(before, scale) : scale.clone();
    tf.dispose([scale, ...(before ? [before] : [])]);
    delete moved[output];
  }
  return moved;
}

/** Throws where the adapter scales the input of another map than this method would. */
function checkInputs(of: Roles, config: Ia3, written: Record<string, unknown>, model: Model): void {
  for (const map of of.mapsOf(config, model)) {
    const there = isNamed(map, endsOf(written));
    if (there !== of.scalesInput(map))
      throw new Error(
        `feedforward_modules ${there ? 'names' : 'leaves out'} ${map.name}, whose role is ${map.role}`,
      );
  }
}
