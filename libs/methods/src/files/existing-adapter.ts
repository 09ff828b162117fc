/** Adapters that exist already, as parameters that training begins with. */
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { isPromptFile } from '#contracts/adapter-input.js';
import type { Method } from '#contracts/method.js';
import { matrixShape, npyHeader, npyValues, promptTensor } from '#contracts/npy.js';
import { startKnobs } from '#contracts/sharing.js';
import type { Model } from '#models/model.js';
import { readSafetensors } from '#models/weights/safetensors.js';
import type { Parameters } from '../method.js';
import { loadAdapter } from './adapter-files.js';

/** The parameters in an adapter's folder, of Hugging Face peft's or exported, a head's among them; or those
 *  of a prompt in a .npy or .safetensors file. The caller owns them. Throws an Error where they are another
 *  method's, or of knobs that would answer otherwise, by name and shape. */
export function existingAdapter(path: string, model: Model, config: Method): Parameters {
  if (isPromptFile(path)) return { prompt: promptIn(path, model, config) };
  const { config: own, parameters } = loadAdapter(path, model);
  const other = otherKnob(own, config);
  if (other === null) return parameters;
  tf.dispose(parameters);
  throw new Error(`${path} ${other}`);
}

// What only training reads, and what the names of the parameters say (tune/starting-from.ts).
const elsewhere: readonly string[] = ['dropout', 'penalty', 'targets'];

/** How a loaded config differs from the trial's in what its parameters mean; null: in nothing. */
function otherKnob(own: Method, config: Method): string | null {
  if (own.name !== config.name) return `is of method "${own.name}", and method.name is "${config.name}"`;
  const free = [...startKnobs(config.name), ...elsewhere];
  for (const [knob, value] of Object.entries(own)) {
    if (free.includes(knob)) continue;
    const asked = (config as unknown as Record<string, unknown>)[knob];
    const [found, wanted] = [value, asked].map((v) => JSON.stringify(v ?? null));
    if (found !== wanted) return `has method.${knob} ${found}, and the trial's is ${wanted}`;
  }
  return null;
}

function promptIn(path: string, model: Model, config: Method): tf.Tensor2D {
  if (config.name !== 'prompt-tuning' || config.place !== 'input')
    throw new Error(
      `${path} holds a prompt, which method prompt-tuning begins with (place "input"); method.name is "${config.name}"`,
    );
  const { values, shape } = readPrompt(path);
  const wanted = [config.length, model.dModel];
  if (`${shape}` !== `${wanted}`)
    throw new Error(
      `${path} holds a prompt [${shape.join(', ')}]; expected [${wanted.join(', ')}]: method.length and the backbone's width`,
    );
  return tf.tensor2d(values, shape);
}

interface Rows {
  values: Float32Array;
  shape: [number, number];
}

/** A prompt [P, D] row by row. Throws an Error that names the file. */
export function readPrompt(path: string): Rows {
  try {
    if (/\.npy$/i.test(path)) {
      const bytes = readFileSync(path);
      const header = npyHeader(bytes);
      return { shape: matrixShape(header.shape), values: npyValues(bytes, header) };
    }
    const tensors = readSafetensors(path);
    const { shape, values } = tensors.get(promptTensor([...tensors.keys()]))!;
    return { shape: matrixShape(shape), values: values as Float32Array };
  } catch (cause) {
    throw new Error(`${path}: ${(cause as Error).message}`, { cause });
  }
}
