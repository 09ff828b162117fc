import * as tf from '@tensorflow/tfjs';
import type { BitFit } from '#contracts/methods/bitfit.js';
import type { Model } from '#models/model.js';
import { shiftedByMember } from '../members/members.js';
import type { MethodImplementation } from '../method.js';

/** Biases only (Ben Zaken et al. 2022 §3): those of linear maps and LayerNorms, all or the ones whose module
 *  names end with a term. What is kept is each bias's change from the backbone's, zero at the start. As in
 *  the authors' code the head is a matter of the task. Parameters: one a bias. Their code matches terms
 *  anywhere in a name, so that its "output" also takes "attention.output". */
export const bitFit: MethodImplementation<BitFit> = {
  check(config, model) {
    shapesOf(config, model);
  },

  shapes: shapesOf,

  init: (config, model) =>
    Object.fromEntries(
      Object.entries(shapesOf(config, model)).map(([name, shape]) => [name, tf.zeros(shape)]),
    ),

  adapt({ parameters }) {
    const shifted = (name: string, y: tf.Tensor3D) => {
      const change = parameters[`${name}.bias`] as tf.Tensor2D | undefined;
      return change ? shiftedByMember(y, change) : y;
    };
    return { linear: (name, _x, y) => shifted(name, y), norm: shifted };
  },

  weights: (frozen) => frozen,

  merge: (_config, model, parameters) =>
    Object.fromEntries(
      Object.entries(parameters).map(([name, change]) => [name, tf.add(model.weights[name]!, change)]),
    ),
};

/** Throws an Error naming the knob where the model has no such bias. */
function shapesOf({ terms }: BitFit, model: Model): Record<string, number[]> {
  const { linears, norms } = model.modules;
  const widths = [
    ...linears.filter((m) => m.bias).map((m) => ({ name: m.name, width: m.outputs })),
    ...norms.map((name) => ({ name, width: model.dModel })),
  ];
  if (widths.length === 0) throw new Error('method bitfit trains biases, and the model has none');
  const ends = (name: string, term: string) => `.${name}`.endsWith(`.${term}`);
  const lost = terms?.find((term) => !widths.some(({ name }) => ends(name, term)));
  if (lost !== undefined) throw new Error(`method.terms names "${lost}", and no module with a bias ends so`);
  const chosen = terms ? widths.filter(({ name }) => terms.some((term) => ends(name, term))) : widths;
  return Object.fromEntries(chosen.map(({ name, width }) => [`${name}.bias`, [width]]));
}
