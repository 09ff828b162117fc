import { cpSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import type { Method } from '#contracts/method.js';
import { loadAdapter } from '#methods/files/adapter-files.js';
import { saveMerged } from '#methods/files/merged-model.js';
import type { Model } from '#models/model.js';

/** Writes a Hugging Face folder `into`, which answers as `model` does with the adapter that a trial of this
 *  method left in a folder. Throws an Error where the method can't be merged or the folder lacks something.
 */
export function mergeAdapter(folder: string, method: Method, model: Model, into: string): void {
  mkdirSync(dirname(into), { recursive: true });
  // it is a model already
  if (method.name === 'full' || method.name === 'top-layers') return copyWhole(folder, into);
  tf.tidy(() => saveMerged(into, model, { ...loadAdapter(folder, model), config: method }));
}

function copyWhole(folder: string, into: string): void {
  const partial = `${into}.${process.pid}.partial`;
  try {
    cpSync(folder, partial, { recursive: true });
    rmSync(into, { recursive: true, force: true });
    renameSync(partial, into);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}
