/** A trained method's parameters for those that start from them: exactly what was trained, where an adapter's
 *  files hold only what answers like it (no MLP, no prompt encoder, settled ranks). */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import type { Method } from '#contracts/method.js';
import { parametersFile } from '#contracts/trainer-messages.js';
import { loadModel } from '#models/load-model.js';
import type { Model } from '#models/model.js';
import { readBack } from '#models/weights/read-back.js';
import { readSafetensors, writeSafetensors } from '#models/weights/safetensors.js';
import { isWhole, loadAdapter, type TrainedAdapter } from './adapter-files.js';
import type { Parameters } from '../method.js';
import { headOf, withoutHead } from '../heads/classifier.js';
import { formOf, type Head } from '../heads/form.js';
import { headNames, headParameters } from './peft/classifier.js';

/** Completes the folder that saveAdapter wrote: where its files would not give the parameters back bit by
 *  bit, those are written beside them. */
export async function keepParameters(
  folder: string,
  model: Model,
  { config, parameters }: TrainedAdapter,
): Promise<void> {
  if (isWhole(config)) return; // weights are kept as they are
  const { parameters: loaded } = loadAdapter(folder, model);
  const exact = await same(withoutHead(parameters), withoutHead(loaded));
  tf.dispose(loaded);
  if (!exact) writeSafetensors(join(folder, parametersFile), readBack(withoutHead(parameters)), 'F32');
}

async function same(a: Parameters, b: Parameters): Promise<boolean> {
  if (Object.keys(a).toSorted().join() !== Object.keys(b).toSorted().join()) return false;
  for (const [name, t] of Object.entries(a)) {
    const other = b[name]!;
    if (`${t.shape}` !== `${other.shape}`) return false;
    const [own, others] = [await t.data(), await other.data()];
    if (own.some((x, i) => !Object.is(x, others[i]))) return false;
  }
  return true;
}

/** The parameters that a folder's trial ended with, all but a head, which belongs to its task's labels. The
 *  caller owns them. Throws an Error where the folder holds none. */
export async function trainedParameters(folder: string, model: Model, config: Method): Promise<Parameters> {
  if (isWhole(config)) return weightsIn(folder);
  if (existsSync(join(folder, parametersFile)))
    return Object.fromEntries(
      [...readSafetensors(join(folder, parametersFile))].map(([n, t]) => [n, tf.tensor(t.values, t.shape)]),
    );
  const { parameters } = loadAdapter(folder, model);
  const own = withoutHead(parameters);
  tf.dispose(Object.entries(parameters).flatMap(([name, t]) => (name in own ? [] : [t]))); // prettier-ignore
  return own;
}

/** The same with the head that answers, which is that of the task that was trained. */
export async function answeringParameters(
  folder: string,
  model: Model,
  { config, head }: { config: Method; head: Head | null },
): Promise<Parameters> {
  const own = await trainedParameters(folder, model, config);
  if (isWhole(config)) return head ? { ...own, ...headOfWhole(folder, model, head) } : own;
  const { parameters } = loadAdapter(folder, model);
  const trained = headOf(parameters);
  tf.dispose(withoutHead(parameters));
  return { ...own, ...trained };
}

function headOfWhole(folder: string, model: Model, head: Head): Parameters {
  const form = formOf(model, head);
  const stored = readSafetensors(join(folder, 'model.safetensors'));
  const found = headNames(form).flatMap((name) => {
    const t = stored.get(name);
    return t ? [[name, tf.tensor(t.values, t.shape, 'float32')] as const] : [];
  });
  return headParameters(form, Object.fromEntries(found), model);
}

async function weightsIn(folder: string): Promise<Parameters> {
  const whole = await loadModel(folder);
  const weights = Object.fromEntries(Object.entries(whole.weights).map(([name, w]) => [name, tf.clone(w)]));
  whole.dispose();
  return weights;
}
