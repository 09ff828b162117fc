/** Costly things kept between trials. When more than `capacity` is held, what was used least recently is
 *  freed first; what was just put in never is. A value that is still in use when it is freed must survive
 *  that (a Step compiles again). */
export class Warm<T> {
  private readonly held = new Map<string, T>(); // least recently used first

  constructor(
    private readonly capacity: number,
    private readonly weigh: (value: T) => number,
    private readonly free: (value: T) => void = () => undefined,
  ) {}

  get(key: string): T | undefined {
    const value = this.held.get(key);
    if (value === undefined) return undefined;
    this.held.delete(key);
    this.held.set(key, value);
    return value;
  }

  keep(key: string, value: T): T {
    this.held.set(key, value);
    for (const [old, other] of this.held) {
      if (old === key || this.weight() <= this.capacity) break;
      this.held.delete(old);
      this.free(other);
    }
    return value;
  }

  clear(): void {
    for (const value of this.held.values()) this.free(value);
    this.held.clear();
  }

  private weight(): number {
    return [...this.held.values()].reduce((sum, value) => sum + this.weigh(value), 0);
  }
}
