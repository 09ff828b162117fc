import * as tf from '@tensorflow/tfjs';
import { type Past, reordered } from '../past.js';

/** Logits [rows, V] of the next token, and the past with the tokens given in it. */
export interface Written {
  logits: tf.Tensor2D;
  past: Past;
}

/** A decoder as generation sees it. Both run inside a tidy. */
export interface Continuation {
  rows: number; // texts x beams
  start(): Written; // from the start token or the prompts, each `beams` times
  next(ids: tf.Tensor2D, past: Past): Written; // ids int32 [rows, 1]
}

/** A decoder with its cache; it must be disposed of. */
export class Writer {
  private past: Past | undefined;

  constructor(private readonly decoder: Continuation) {}

  get rows(): number {
    return this.decoder.rows;
  }

  /** Feeds each row's last token (undefined: begins) and reads back what `pick` makes of the logits [rows, V]. */
  step(last: readonly number[] | undefined, pick: (logits: tf.Tensor2D) => tf.Tensor[]): ArrayLike<number>[] {
    const { past, picked } = tf.tidy(() => {
      const written = last
        ? this.decoder.next(tf.tensor2d([...last], [this.rows, 1], 'int32'), this.past!)
        : this.decoder.start();
      return { past: written.past as never, picked: pick(written.logits) };
    });
    this.dispose();
    this.past = past;
    const values = picked.map((t) => t.dataSync());
    tf.dispose(picked);
    return values;
  }

  /** Row i goes on from what row from[i] has written. */
  reorder(from: readonly number[]): void {
    const { past } = this;
    if (!past || from.every((source, row) => source === row)) return;
    const moved = tf.tidy(() => reordered(past, from) as never) as Past;
    this.dispose();
    this.past = moved;
  }

  dispose(): void {
    tf.dispose(this.past as never);
    this.past = undefined;
  }
}
