import { createHash } from 'node:crypto';
import * as tf from '@tensorflow/tfjs';
import type { Precision } from '#contracts/precision.js';
import { keptNarrow } from '#engine/ops/kept-narrow.js';
import type { Weights } from './batch.js';
import type { StoredTensor } from './weights/safetensors.js';

/** A model's tensors on the device. Those set aside are read from its files again when somebody asks for
 *  them. In bfloat16 matrices are kept so, rounded to the nearest; vectors (norms, biases) stay float32. */
export class HeldWeights {
  readonly weights: Weights;
  // sha256 over config and weights as float32: the same for a sharded and a whole file, and in every
  // precision
  readonly hash: string;
  private readonly held = new Map<string, tf.Tensor>();

  /** Throws where a value is no finite number; `folder` is for that message. */
  constructor(
    folder: string,
    private readonly stored: ReadonlyMap<string, StoredTensor>,
    configText: string,
    private readonly precision: Precision,
  ) {
    const hash = createHash('sha256').update(configText);
    try {
      for (const name of [...stored.keys()].toSorted()) {
        const { values, shape } = stored.get(name)!;
        if (!allFinite(values))
          throw new Error(`tensor ${name} in ${folder} has values that are no finite number`);
        hash
          .update(name)
          .update(new Uint8Array(values.buffer as ArrayBuffer, values.byteOffset, values.byteLength));
        this.hold(name, values, shape);
      }
    } catch (error) {
      this.dispose();
      throw error;
    }
    this.hash = hash.digest('hex');
    this.weights = this.chosen(() => true);
  }

  /** Those of the weights whose names are chosen; asking for them touches no others. */
  chosen(which: (name: string) => boolean): Weights {
    const names = [...this.stored.keys()].filter(which);
    const getter = (name: string) => ({
      enumerable: true,
      configurable: true,
      get: () => this.held.get(name) ?? this.readAgain(name),
    });
    const getters = Object.fromEntries(names.map((name) => [name, getter(name)]));
    return Object.defineProperties({}, getters) as Weights;
  }

  /** A weight in float32 as the files have it, which the caller owns. */
  original(name: string): tf.Tensor {
    if (this.precision === 'float32') return tf.clone(this.weights[name]!);
    const { values, shape } = this.stored.get(name)!;
    return tf.tensor(values, shape);
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

  private readAgain(name: string): tf.Tensor {
    const { values, shape } = this.stored.get(name)!;
    return this.hold(name, values, shape);
  }

  private hold(name: string, values: Float32Array | Int32Array, shape: number[]): tf.Tensor {
    const narrow = this.precision === 'bfloat16' && shape.length > 1 && values instanceof Float32Array;
    // it outlives whoever asked
    const tensor = tf.keep(narrow ? keptNarrow(values, shape) : tf.tensor(values, shape));
    this.held.set(name, tensor);
    return tensor;
  }
}

/** A sum that stays finite costs less than a test of each value; where it does not, each is looked at. */
function allFinite(values: Float32Array | Int32Array): boolean {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return Number.isFinite(sum) || values.every((v) => Number.isFinite(v));
}
