import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import type { Tensors } from '#engine/step/step.js';
import { readSafetensors, type StoredTensor, writeSafetensors } from '#models/weights/safetensors.js';

/** Everything a trial needs to go on exactly where it was: state.safetensors and state.json in a folder that
 *  appears whole. */
export function writeResumeState(
  folder: string,
  tensors: ReadonlyMap<string, StoredTensor>,
  record: object,
): void {
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  writeSafetensors(join(partial, 'state.safetensors'), tensors, 'F32');
  writeFileSync(join(partial, 'state.json'), JSON.stringify(record));
  rmSync(folder, { recursive: true, force: true });
  renameSync(partial, folder);
}

/** What writeResumeState wrote. Throws where the folder holds no state. */
export function readResumeState<R>(folder: string): { tensors: Map<string, StoredTensor>; record: R } {
  const path = join(folder, 'state.json');
  if (!existsSync(path)) throw new Error(`${folder} holds no resume state`);
  const record = JSON.parse(readFileSync(path, 'utf8')) as R;
  return { tensors: readSafetensors(join(folder, 'state.safetensors')), record };
}

export function tensorsOf(stored: ReadonlyMap<string, StoredTensor>): Tensors {
  return Object.fromEntries([...stored].map(([name, { shape, values }]) => [name, tf.tensor(values, shape)]));
}
