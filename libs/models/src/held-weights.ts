import { createHash, type Hash } from 'node:crypto';
import * as tf from '@tensorflow/tfjs';
import type { Weights } from './model.js';
import type { StoredTensor } from './weights/safetensors.js';

/** A model's tensors on the device. Those set aside are read from its files again when somebody asks for them. */
export class HeldWeights {
  readonly weights: Weights;
  readonly hash: string; // sha256 over config and weights as float32: the same for a sharded and a whole file
  private readonly held = new Map<string, tf.Tensor>();

  constructor(
    private readonly stored: ReadonlyMap<string, StoredTensor>,
    configText: string,
  ) {
    const hash = createHash('sha256').update(configText);
    for (const name of [...stored.keys()].toSorted()) this.read(name, hash.update(name));
    this.hash = hash.digest('hex');
    this.weights = this.chosen(() => true);
  }

  /** Those of the weights whose names are chosen; asking for them touches no others. */
  chosen(which: (name: string) => boolean): Weights {
    const names = [...this.stored.keys()].filter(which);
    const getter = (name: string) => ({
      enumerable: true,
      configurable: true,
      get: () => this.held.get(name) ?? this.read(name),
    });
    const getters = Object.fromEntries(names.map((name) => [name, getter(name)]));
    return Object.defineProperties({}, getters) as Weights;
  }

  setAside(names: Iterable<string>): void {
    for (const name of names) {
      this.held.get(name)?.dispose();
      this.held.delete(name);
    }
  }

  dispose(): void {
    this.setAside([...this.held.keys()]);
  }

  private read(name: string, hash?: Hash): tf.Tensor {
    const { values, shape } = this.stored.get(name)!;
    hash?.update(new Uint8Array(values.buffer as ArrayBuffer, values.byteOffset, values.byteLength));
    const tensor = tf.keep(tf.tensor(values, shape)); // it outlives whoever asked
    this.held.set(name, tensor);
    return tensor;
  }
}
