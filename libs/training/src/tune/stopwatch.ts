/** Times the steps of a run; a step that compiled is not one of them. */
export class Stopwatch {
  private readonly ms: number[] = [];
  private started = 0;
  private compiled = 0;
  private total = 0;

  start(): void {
    this.started = performance.now();
  }

  /** Ends a step; `compileSeconds` is the running total, so that a step in which it grew is left out of the
   *  median. */
  stop(compileSeconds: number): void {
    const ms = performance.now() - this.started;
    this.total += ms;
    if (compileSeconds === this.compiled) this.ms.push(ms);
    this.compiled = compileSeconds;
  }

  get seconds(): number {
    return this.total / 1e3;
  }

  /** Milliseconds; 0 before the first step that did not compile. */
  get medianMs(): number {
    if (this.ms.length === 0) return 0;
    const sorted = this.ms.toSorted((a, b) => a - b);
    const half = sorted.length >> 1;
    return sorted.length % 2 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
  }
}
