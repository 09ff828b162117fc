import { HostRandom } from '#engine/host-random.js';
import type { MixedTask } from '#tasks/dataset.js';

/** What is trained on in each of endlessly many epochs: indices of examples, `length` of them, a pure
 *  function of the epoch. */
export interface Epochs {
  length: number;
  of(epoch: number): Int32Array;
}

/** Every example once an epoch, in a fresh permutation drawn from the seed. `what` tells a seed's
 *  permutations of several things apart. */
export function shuffled(seed: number, examples: number, what = ''): Epochs {
  return {
    length: examples,
    of: (epoch) => new HostRandom(seed, `${what}epoch ${epoch}`).permutation(examples),
  };
}

/** Of several tasks, whose examples stand one task after the other, `share` each an epoch, in shuffled
 *  places. A task goes through its own examples in epochs of its own, so that of one whose share is smaller
 *  every example has its turn. */
export function mixed(
  seed: number,
  tasks: readonly (Pick<MixedTask, 'name' | 'share'> & { examples: number })[],
): Epochs {
  const starts = {
    places: startsOf(tasks.map((p) => p.share)),
    examples: startsOf(tasks.map((p) => p.examples)),
  };
  const places = shuffled(seed, starts.places.at(-1)!);
  const orders = tasks.map(({ name, examples }) => new DataOrder(shuffled(seed, examples, `${name} `), 1));
  return {
    length: places.length,
    of(epoch) {
      const next = tasks.map(({ share }) => epoch * share);
      return places.of(epoch).map((place) => {
        const task = starts.places.findLastIndex((start) => start <= place);
        return starts.examples[task]! + orders[task]!.at(next[task]!++);
      });
    },
  };
}

/** Where each begins among all, and behind them their number. */
function startsOf(sizes: readonly number[]): number[] {
  const starts = [0];
  for (const size of sizes) starts.push(starts.at(-1)! + size);
  return starts;
}

/** Which examples a step sees. A pure function of the step, so that a resumed trial goes on where it stopped
 *  and a gang changes nobody's order. */
export class DataOrder {
  private epoch = -1;
  private order: Int32Array = new Int32Array();

  constructor(
    private readonly epochs: Epochs,
    private readonly batch: number,
  ) {}

  /** Indices of the batch of a forward pass counted from 0. A batch may run over the end of an epoch into the
   *  next. */
  batchAt(pass: number): number[] {
    return this.turnsAt(pass).map(({ index }) => index);
  }

  /** The same, each with its epoch from 0. */
  turnsAt(pass: number): { index: number; epoch: number }[] {
    return Array.from({ length: this.batch }, (_, i) => {
      const position = pass * this.batch + i;
      return { index: this.at(position), epoch: Math.floor(position / this.epochs.length) };
    });
  }

  /** The index at a position counted from 0. */
  at(position: number): number {
    const { length } = this.epochs;
    return this.orderOf(Math.floor(position / length))[position % length]!;
  }

  private orderOf(epoch: number): Int32Array {
    if (epoch !== this.epoch) {
      this.order = this.epochs.of(epoch);
      this.epoch = epoch;
    }
    return this.order;
  }
}
