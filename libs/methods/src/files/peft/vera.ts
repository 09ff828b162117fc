import * as tf from '@tensorflow/tfjs';
import type { Vera } from '#contracts/methods/vera.js';
import type { Model } from '#models/model.js';
import type { LinearMap } from '#models/modules.js';
import { inputsFirst } from '../../low-rank/low-rank.js';
import type { Parameters, PeftLayout } from '../../method.js';
import { bare, headed, targetsOf } from './lora.js';

interface Parts {
  mapsOf(config: Pick<Vera, 'targets'>, model: Model): LinearMap[];
  projections(config: Vera, model: Model): Parameters; // vera_A, vera_B
}

/** VeraConfig and its vectors, with the projections next to them, as peft saves them by default. */
export function veraLayout(of: Parts): PeftLayout<Vera> {
  return {
    type: 'VERA',

    config: (config, model) => ({
      r: config.rank,
      target_modules: of.mapsOf(config, model).map((m) => m.name),
      projection_prng_key: config.projectionKey,
      save_projection: true,
      vera_dropout: config.dropout,
      d_initial: config.dInitial,
      fan_in_fan_out: inputsFirst(model),
      bias: 'none',
    }),

    tensors(parameters, config, model) {
      const projections = Object.entries(of.projections(config, model)).map(([name, t]) => [
        shared + name,
        t,
      ]);
      return { ...headed(parameters), ...Object.fromEntries(projections) };
    },

    parameters(tensors, written, model) {
      const projections = Object.entries(tensors).filter(([name]) => /^base_model\.vera_[AB]$/.test(name));
      const own = Object.entries(tensors).filter(([name]) => !/^base_model\.vera_[AB]$/.test(name));
      const parameters = bare(Object.fromEntries(own));
      const other = Object.keys(parameters).find((name) => !/\.vera_lambda_[bd]$/.test(name));
      if (other !== undefined)
        throw new Error(`the adapter has ${other}, expected vera_lambda_b and vera_lambda_d only`);
      const config: Vera = {
        name: 'vera',
        targets: targetsOf(written),
        rank: Number(written['r']),
        dInitial: Number(written['d_initial'] ?? 0.1),
        projectionKey: Number(written['projection_prng_key'] ?? 0),
        dropout: Number(written['vera_dropout'] ?? 0),
      };
      checkProjections(Object.fromEntries(projections), of.projections(config, model));
      return { config, parameters };
    },
  };
}

const shared = 'base_model.';

/** Frees both. Throws where the file's projections are not those that its key names: they could not be kept.
 */
function checkProjections(written: Parameters, ours: Parameters): void {
  const unlike = tf.tidy(() =>
    Object.entries(ours).find(([name, t]) => {
      const other = written[shared + name];
      if (!other) return false; // save_projection was false
      return `${other.shape}` !== `${t.shape}` || tf.max(tf.abs(tf.sub(other, t))).dataSync()[0]! > 1e-6;
    }),
  );
  tf.dispose([written, ours]);
  if (unlike)
    throw new Error(
      `the adapter's ${shared}${unlike[0]} is not what its projection_prng_key draws for these maps`,
    );
}
