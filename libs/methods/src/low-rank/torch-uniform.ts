/** Draws of U[-bound, bound] as PyTorch's CPU generator makes them for `uniform_`, so that what a key names
 *  is the same here and there: the Mersenne twister of Matsumoto and Nishimura (1998), of whose numbers a
 *  float takes the lower 24 bits. */

const [size, middle] = [624, 397];

export class TorchUniform {
  private readonly state = new Uint32Array(size);
  private next = size;

  /** key: an integer of 32 bits. */
  constructor(key: number) {
    this.state[0] = key;
    for (let i = 1; i < size; i++) {
      const before = this.state[i - 1]! ^ (this.state[i - 1]! >>> 30);
      this.state[i] = Math.imul(before, 1812433253) + i;
    }
  }

  /** Float32 values [count], in the order in which a tensor of this many would be filled. */
  values(count: number, bound: number): Float32Array {
    const [from, to] = [Math.fround(-bound), Math.fround(bound)];
    const width = Math.fround(to - from);
    const uniform = () => (this.bits() & 0xffffff) * 2 ** -24;
    // rounded once, as a fused multiply-add
    return Float32Array.from({ length: count }, () => uniform() * width + from);
  }

  private bits(): number {
    if (this.next === size) this.twist();
    let y = this.state[this.next++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  private twist(): void {
    const { state } = this;
    for (let i = 0; i < size; i++) {
      const y = (state[i]! & 0x80000000) | (state[(i + 1) % size]! & 0x7fffffff);
      state[i] = state[(i + middle) % size]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.next = 0;
  }
}
