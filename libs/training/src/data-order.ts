import { HostRandom } from '#engine/host-random.js';

/** Which examples a step sees: epochs of a fresh permutation each, drawn from the trial's seed. A pure function of the step, so that
 *  a resumed trial goes on where it stopped and a gang changes nobody's order. */
export class DataOrder {
  private epoch = -1;
  private order: Int32Array = new Int32Array();

  constructor(
    private readonly seed: number,
    private readonly examples: number,
    private readonly batch: number,
  ) {}

  /** Indices of the batch of a forward pass counted from 0. A batch may run over the end of an epoch into the next. */
  batchAt(pass: number): number[] {
    return Array.from({ length: this.batch }, (_, i) => {
      const position = pass * this.batch + i;
      return this.orderOf(Math.floor(position / this.examples))[position % this.examples]!;
    });
  }

  private orderOf(epoch: number): Int32Array {
    if (epoch !== this.epoch) {
      this.order = new HostRandom(this.seed, `epoch ${epoch}`).permutation(this.examples);
      this.epoch = epoch;
    }
    return this.order;
  }
}
